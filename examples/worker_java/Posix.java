import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;

import java.nio.charset.StandardCharsets;

/**
 * Sockets by their numbers (Linux): Java adopts none but descriptor 0.
 */
final class Posix {
    private interface C extends Library {
        C LIBRARY = Native.load("c", C.class);

        int poll(PollFd[] fds, long count, int timeout);

        int accept4(int fd, Pointer address, Pointer size, int flags);

        long read(int fd, byte[] buffer, long size);

        long send(int fd, byte[] data, long size, int flags);

        int close(int fd);
    }

    @Structure.FieldOrder({"fd", "events", "revents"})
    public static final class PollFd extends Structure {
        public int fd;
        public short events;
        public short revents;
    }

    private static final short POLLIN = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SOCK_CLOEXEC = 0x80000;

    private Posix() {}

    /**
     * Waits until one of two descriptors is readable, at most so many
     * milliseconds (-1: without limit).
     *
     * @param second -1 for none
     * @return whether it is the second that is readable
     */
    static boolean wait(int first, int second, int timeout) {
        PollFd[] fds = (PollFd[]) new PollFd().toArray(2);
        fds[0].fd = first;
        fds[1].fd = second; // poll() skips a negative one
        fds[0].events = fds[1].events = POLLIN;
        return C.LIBRARY.poll(fds, 2, timeout) > 0 && fds[1].revents != 0;
    }

    /** Returns -1 where a sibling was faster. */
    static int accept(int listener) {
        return C.LIBRARY.accept4(listener, null, null, SOCK_CLOEXEC);
    }

    /** Returns what there is to read; "" at the end or after an error. */
    static String read(int fd) {
        byte[] buffer = new byte[4096];
        long size = C.LIBRARY.read(fd, buffer, buffer.length);
        return new String(buffer, 0, (int) Math.max(0, size),
                          StandardCharsets.ISO_8859_1);
    }

    /** Sends a text that fits into the socket's buffer. */
    static void send(int fd, String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        C.LIBRARY.send(fd, data, data.length, MSG_NOSIGNAL);
    }

    static void close(int fd) {
        C.LIBRARY.close(fd);
    }
}
