import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

/** The C library (libdrover.so.1), as it is; drover.h is the reference. */
interface Drover extends Library {
    Drover LIBRARY = Native.load("libdrover.so.1", Drover.class);

    int SIGNALS_LEAVE = 0;
    int CAPABILITY_RESUME = 2;
    int STATE_STOPPING = 4;
    int EVENT_START = 2;
    int EVENT_STOP = 3;
    int EVENT_QUIT = 4;
    int EVENT_LOST = 7;
    int EVENT_DEADLINE = 8;
    int EVENT_END = 11;

    String drover_strerror(int error);

    int drover_exit_code(int error);

    int drover_options_new(PointerByReference options);

    void drover_options_free(Pointer options);

    int drover_options_set_name(Pointer options, String name);

    int drover_options_set_sdk(Pointer options, String sdk);

    int drover_options_set_signals(Pointer options, int signals);

    int drover_options_add_capability(Pointer options, int capability);

    int drover_open(Pointer options, PointerByReference worker);

    int drover_listener(Pointer worker, String name);

    int drover_fd(Pointer worker);

    int drover_next_event(Pointer worker, int timeout, PointerByReference event);

    int drover_event_kind(Pointer event);

    int drover_event_exit_code(Pointer event);

    int drover_terminate(Pointer worker);

    int drover_state(Pointer worker);

    int drover_started(Pointer worker, String text);

    int drover_stopped(Pointer worker, String text);

    int drover_stopped_forced(Pointer worker, String text, int abandoned);

    int drover_fatal(Pointer worker, int code, String text);

    Pointer drover_worker_session(Pointer worker);

    String drover_session_pool(Pointer session);

    int drover_session_slot(Pointer session);

    long drover_session_generation(Pointer session);
}
