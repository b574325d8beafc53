import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

import java.util.Optional;

/** The channel to the supervisor. One thread owns it. */
final class Worker {
    /** What there is to do; see drover.h for each. */
    record Event(int kind, int exitCode) {}

    /** A call that failed. */
    @SuppressWarnings("serial")
    static final class Failure extends Exception {
        final int exitCode;

        Failure(int result) {
            super(LIBRARY.drover_strerror(result));
            exitCode = LIBRARY.drover_exit_code(result);
        }
    }

    private static final Drover LIBRARY = Drover.LIBRARY;

    private final Pointer handle;
    private final PointerByReference event = new PointerByReference();

    private Worker(Pointer handle) {
        this.handle = handle;
    }

    /**
     * Empty where no supervisor started this program. The library leaves the
     * signals alone, which the virtual machine handles.
     */
    static Optional<Worker> open(String name) throws Failure {
        PointerByReference options = new PointerByReference();
        check(LIBRARY.drover_options_new(options));
        PointerByReference worker = new PointerByReference();
        try {
            Pointer made = options.getValue();
            LIBRARY.drover_options_set_name(made, name);
            LIBRARY.drover_options_set_sdk(made, "drover-java/1.0");
            LIBRARY.drover_options_set_signals(made, Drover.SIGNALS_LEAVE);
            LIBRARY.drover_options_add_capability(made, Drover.CAPABILITY_RESUME);
            check(LIBRARY.drover_open(made, worker));
        } finally {
            LIBRARY.drover_options_free(options.getValue());
        }
        return Optional.ofNullable(worker.getValue()).map(Worker::new);
    }

    /** The descriptor of the listening socket of that name. */
    int listener(String name) throws Failure {
        return check(LIBRARY.drover_listener(handle, name));
    }

    /** Readable when there is something to do. */
    int fd() throws Failure {
        return check(LIBRARY.drover_fd(handle));
    }

    /** The next event that is there, without waiting. */
    Optional<Event> next() throws Failure {
        if (check(LIBRARY.drover_next_event(handle, 0, event)) == 0) {
            return Optional.empty();
        }
        Pointer got = event.getValue();
        return Optional.of(new Event(LIBRARY.drover_event_kind(got),
                                     LIBRARY.drover_event_exit_code(got)));
    }

    /** As if the supervisor had said Quit; from any thread. */
    void terminate() {
        LIBRARY.drover_terminate(handle);
    }

    boolean isStopping() {
        return LIBRARY.drover_state(handle) == Drover.STATE_STOPPING;
    }

    /** False where a stronger command has come meanwhile. */
    boolean started() {
        return LIBRARY.drover_started(handle, null) == 0;
    }

    void stopped() {
        LIBRARY.drover_stopped(handle, null);
    }

    void stoppedForced(int abandoned) {
        LIBRARY.drover_stopped_forced(handle, null, abandoned);
    }

    /** Last words, before an exit with that code. */
    void fatal(int code, String why) {
        LIBRARY.drover_fatal(handle, code, why);
    }

    /** "web/3 generation 2", once Welcome was read. */
    String place() {
        Pointer session = LIBRARY.drover_worker_session(handle);
        return LIBRARY.drover_session_pool(session) + "/"
            + LIBRARY.drover_session_slot(session) + " generation "
            + LIBRARY.drover_session_generation(session);
    }

    private static int check(int result) throws Failure {
        if (result < 0) {
            throw new Failure(result);
        }
        return result;
    }
}
