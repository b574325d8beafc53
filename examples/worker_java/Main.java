import java.util.Optional;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A Drover worker in Java: answers one HTTP request at a time and closes the
 * connection. While a client is slow, commands are heard all the same.
 */
final class Main {
    /** Milliseconds for a client to send its request. */
    private static final long PATIENCE = 5000;

    private static final int NONE = -1;

    private final Worker worker;
    private final int listener;
    private boolean accepting;
    private boolean leaving;
    private int client = NONE;
    private long ends;
    private String request;

    private Main(Worker worker, int listener) {
        this.worker = worker;
        this.listener = listener;
    }

    /** Returns what to exit with. */
    private int run() throws Worker.Failure {
        while (true) {
            boolean ready = await();
            // Commands first: after a Stop nothing more is accepted.
            Optional<Worker.Event> event;
            while ((event = worker.next()).isPresent()) {
                if (event.get().kind() == Drover.EVENT_END) {
                    return event.get().exitCode();
                }
                act(event.get().kind());
            }
            work(ready);
            if (client == NONE) {
                if (worker.isStopping()) {
                    worker.stopped();
                }
                if (leaving) {
                    return 0;
                }
            }
        }
    }

    /** Returns whether the client, or the listener, is readable. */
    private boolean await() throws Worker.Failure {
        if (client != NONE) {
            return Posix.wait(worker.fd(), client, (int) Math.max(0, ends - now()));
        }
        return Posix.wait(worker.fd(), accepting ? listener : NONE, -1);
    }

    private void act(int kind) {
        switch (kind) {
            case Drover.EVENT_START -> accepting = worker.started();
            case Drover.EVENT_STOP -> accepting = false;
            case Drover.EVENT_DEADLINE -> {
                if (client != NONE && worker.isStopping()) {
                    drop();
                    worker.stoppedForced(1);
                }
            }
            case Drover.EVENT_QUIT, Drover.EVENT_LOST -> {
                accepting = false;
                leaving = true;
            }
            default -> { }
        }
    }

    private void work(boolean ready) {
        if (client == NONE && accepting && ready) {
            client = Posix.accept(listener);
            ends = now() + PATIENCE;
            request = "";
        } else if (client != NONE && (ready ? serve() : now() >= ends)) {
            drop();
        }
    }

    /** Reads what is there; true when the connection is over. */
    private boolean serve() {
        String data = Posix.read(client);
        request += data;
        if (!data.isEmpty() && !request.contains("\r\n\r\n")) {
            return request.length() > 8192;
        }
        if (!data.isEmpty()) {
            String body = "hello from " + worker.place() + "\n";
            Posix.send(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        }
        return true;
    }

    private void drop() {
        Posix.close(client);
        client = NONE;
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    private static int supervised(Worker worker) throws Worker.Failure {
        Signal.handle(new Signal("TERM"), signal -> worker.terminate());
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        int listener;
        try {
            listener = worker.listener("http");
        } catch (Worker.Failure failure) {
            worker.fatal(failure.exitCode, "listener \"http\": " + failure.getMessage());
            return failure.exitCode;
        }
        return new Main(worker, listener).run();
    }

    public static void main(String[] arguments) {
        int code = 0;
        try {
            Optional<Worker> worker = Worker.open("worker_java");
            if (worker.isPresent()) {
                code = supervised(worker.get());
            } else {
                System.out.println(
                    "worker_java: not supervised; see README.md for how to run it");
            }
        } catch (Worker.Failure failure) {
            System.err.println("worker_java: " + failure.getMessage());
            code = failure.exitCode;
        }
        System.exit(code);
    }
}
