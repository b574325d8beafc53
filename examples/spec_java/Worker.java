import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A Drover worker in Java, from SPEC.md alone: takes jobs from a directory and
 * runs a command for each. See README.md.
 *
 *     java Worker DIRECTORY COMMAND [ARGUMENT...]
 */
final class Worker {
    // Bodies to the worker.
    private static final int WELCOME = 10;
    private static final int START = 11;
    private static final int STOP = 12;
    private static final int QUIT = 13;
    private static final int PING = 14;
    private static final int LAME_DUCK = 16;
    private static final int RESULT = 17;
    private static final int PROTOCOL_ERROR = 18;
    private static final int LAST_BODY = 19;
    // And from it.
    private static final int HELLO = 10;
    private static final int STATE_REPORT = 11;
    private static final int PONG = 12;
    private static final int ANSWER = 13;
    private static final int FATAL = 17;

    private static final int CONNECTING = 0;
    private static final int INITIALIZED = 1;
    private static final int STARTED = 3;
    private static final int STOPPING = 4;
    private static final int STOPPED = 5;
    private static final int SHUTTING_DOWN = 6;

    private static final int UNIMPLEMENTED = 3;
    private static final int INVALID_STATE = 4;
    private static final long RESUME = 2;
    private static final int EX_PROTOCOL = 76;
    private static final int EX_CONFIG = 78;

    /** Milliseconds between two looks into the directory. */
    private static final long TICK = 100;
    private static final long NEVER = Long.MAX_VALUE;

    private final Selector selector;
    private final Channel channel;
    private final Jobs jobs;
    private final AtomicInteger terminated = new AtomicInteger();
    private int state = CONNECTING;
    private long stopOp;
    private boolean resumes;
    private long quitMs;
    private long lossMs;
    private long until = NEVER;  // deadline of the Stop, or of the end
    private int exitCode = -1;

    private Worker(Selector selector, Channel channel, Path directory,
                   List<String> command) {
        this.selector = selector;
        this.channel = channel;
        jobs = new Jobs(directory, command, selector::wakeup);
    }

    /** Returns what to exit with. */
    private int run() throws IOException {
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        Signal.handle(new Signal("TERM"), signal -> {
            terminated.incrementAndGet();
            selector.wakeup();
        });
        channel.send(0, HELLO, new Message()
            .number(1, 1) // major
            .number(3, RESUME)
            .number(4, ProcessHandle.current().pid())
            .text(5, "spec_java")
            .number(8, 1)); // the main loop answers Ping
        try {
            while (exitCode < 0) {
                selector.select(timeout());
                round();
            }
        } catch (Violation violation) {
            channel.send(0, PROTOCOL_ERROR, new Message()
                .number(1, violation.code).text(2, violation.getMessage()));
            exitCode = EX_PROTOCOL;
        }
        jobs.giveBack();
        return exitCode;
    }

    private long timeout() {
        long wait = state == STARTED && !jobs.isBusy() ? TICK : NEVER;
        if (until != NEVER) {
            wait = Math.min(wait, until - now());
        }
        // 0 is for ever.
        return wait == NEVER ? 0 : Math.max(1, wait);
    }

    private void round() throws Violation {
        for (; terminated.get() > 0; terminated.decrementAndGet()) {
            terminate();
        }
        // Commands first: after a Stop nothing more is taken.
        if (channel.isReadable()) {
            read();
        }
        selector.selectedKeys().clear();
        channel.flush();
        if (jobs.reap()) {
            finished();
        }
        if (now() >= until) {
            giveUp();
        }
        if (state == STARTED && !jobs.isBusy()) {
            jobs.take();
        }
    }

    // ---- What comes

    private void read() throws Violation {
        boolean open = channel.fill();
        Optional<byte[]> frame;
        while (exitCode < 0 && (frame = channel.next()).isPresent()) {
            handle(Fields.of(frame.get()));
        }
        if (!open) {
            channel.ignore();
            lose();
        }
    }

    private void handle(Fields envelope) throws Violation {
        long op = envelope.number(1);
        int body = 0;
        for (int number = WELCOME; number <= LAST_BODY; number++) {
            body = envelope.has(number) ? number : body;
        }
        Fields inner = envelope.message(body);
        if (body == PROTOCOL_ERROR) {
            exit(EX_PROTOCOL);
        } else if (state == SHUTTING_DOWN && body != PING && body != QUIT) {
            return;
        } else if ((body == WELCOME) != (state == CONNECTING)) {
            throw new Violation(Violation.SEQUENCE, "body " + body + " in state " + state);
        } else if (op == 0 && (body == START || body == STOP || body == QUIT)) {
            throw new Violation(Violation.SEQUENCE, "a command without op");
        } else {
            boolean isAnswer = envelope.number(2) != 0;
            act(body, op, isAnswer, inner);
        }
    }

    private void act(int body, long op, boolean isAnswer, Fields inner) throws Violation {
        switch (body) {
            case WELCOME -> enter(inner);
            case START -> start(op);
            case STOP -> stop(op, inner.number(1));
            case QUIT -> {
                sayGoodbye(op);
                leave(inner.number(1));
            }
            case PING -> channel.send(0, PONG, new Message().number(1, inner.number(1)));
            case LAME_DUCK, RESULT -> { } // never with an answer
            default -> {
                if (op != 0 && !isAnswer) {
                    refuse(op, UNIMPLEMENTED);
                }
            }
        }
    }

    private void enter(Fields welcome) throws Violation {
        resumes = welcome.list(2).contains(RESUME);
        Fields timeouts = welcome.message(4);
        quitMs = timeouts.number(3);
        lossMs = timeouts.number(4);
        state = INITIALIZED;
    }

    private void start(long op) {
        if (state == INITIALIZED || state == STOPPED && resumes) {
            jobs.takeBack();
            report(STARTED, op, new Message());
        } else {
            refuse(op, state == STOPPED ? UNIMPLEMENTED : INVALID_STATE);
        }
    }

    private void stop(long op, long milliseconds) {
        stopOp = op;
        if (!jobs.isBusy()) {
            report(STOPPED, op, new Message());
            return;
        }
        if (state != STOPPING) {
            report(STOPPING, op, new Message());
        }
        limit(milliseconds);
    }

    // ---- Ways to the end

    private void sayGoodbye(long re) {
        if (state != SHUTTING_DOWN) {
            report(SHUTTING_DOWN, re, new Message());
            until = NEVER; // that of a Stop counts no more
        }
    }

    /** Finishes what is in flight, and exits. */
    private void leave(long milliseconds) {
        state = SHUTTING_DOWN;
        if (jobs.isBusy()) {
            limit(milliseconds);
        } else {
            exit(0);
        }
    }

    private void lose() {
        if (state == CONNECTING) {
            exit(0);
        } else {
            leave(lossMs);
        }
    }

    private void terminate() {
        if (state == CONNECTING || state == SHUTTING_DOWN) {
            exit(0);
        } else {
            sayGoodbye(0);
            leave(quitMs);
        }
    }

    /** Keeps the earlier of two deadlines. */
    private void limit(long milliseconds) {
        until = Math.min(until, now() + milliseconds);
    }

    private void giveUp() {
        until = NEVER;
        jobs.giveBack();
        if (state == SHUTTING_DOWN) {
            exit(0);
        } else {
            report(STOPPED, stopOp, new Message().number(3, 1).number(4, 1)); // forced
        }
    }

    private void finished() {
        until = NEVER;
        if (state == SHUTTING_DOWN) {
            exit(0);
        } else if (state == STOPPING) {
            report(STOPPED, stopOp, new Message());
        }
    }

    /** The first counts. */
    private void exit(int code) {
        if (exitCode < 0) {
            exitCode = code;
        }
    }

    // ---- Words

    private void report(int newState, long re, Message more) {
        state = newState;
        channel.send(re, STATE_REPORT, more.number(1, state));
    }

    private void refuse(long op, int code) {
        channel.send(op, ANSWER, new Message().number(1, code));
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    // ---- The program

    private static int fail(String why) {
        System.err.println("spec_java: " + why);
        return EX_CONFIG;
    }

    private static int start(String[] arguments) throws IOException {
        String number = System.getenv("DROVER_FD");
        if (number == null) {
            System.out.println("spec_java: not supervised; see README.md for how to run it");
            return 0;
        }
        String majors = System.getenv().getOrDefault("DROVER_PROTOCOL", "1");
        if (!Arrays.asList(majors.split(",")).contains("1")) {
            return fail("speaks version 1 alone");
        }
        if (!number.equals("0")) {
            return fail("Java adopts descriptor 0 alone, and DROVER_FD is " + number);
        }
        Selector selector = Selector.open();
        Optional<Channel> channel = Channel.inherited(selector);
        if (channel.isEmpty()) {
            return fail("descriptor 0 is no connected unix stream socket;"
                        + " a wrapper may have closed it");
        }
        if (arguments.length < 2 || !Files.isDirectory(Path.of(arguments[0]))) {
            channel.get().send(0, FATAL, new Message().number(1, EX_CONFIG)
                .text(2, "usage: Worker DIRECTORY COMMAND..."));
            return EX_CONFIG;
        }
        List<String> command = Arrays.asList(arguments).subList(1, arguments.length);
        return new Worker(selector, channel.get(), Path.of(arguments[0]), command).run();
    }

    public static void main(String[] arguments) throws IOException {
        System.exit(start(arguments));
    }
}
