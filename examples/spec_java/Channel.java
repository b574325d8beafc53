import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Frames on the socket that is descriptor 0 (SPEC.md, chapters 3 and 4). */
final class Channel {
    private static final int HEADER = 4;
    private static final int FRAME_MAX = 65536;
    private static final int RE = 2;

    private final SocketChannel socket;
    private final SelectionKey key;
    private final ByteBuffer inbox = ByteBuffer.allocate(HEADER + FRAME_MAX);
    private ByteBuffer outbox = ByteBuffer.allocate(0);

    private Channel(SocketChannel socket, Selector selector) throws IOException {
        this.socket = socket;
        socket.configureBlocking(false);
        key = socket.register(selector, SelectionKey.OP_READ);
    }

    /** Empty where descriptor 0 is no connected unix stream socket. */
    static Optional<Channel> inherited(Selector selector) throws IOException {
        if (System.inheritedChannel() instanceof SocketChannel socket
                && socket.getRemoteAddress() instanceof UnixDomainSocketAddress) {
            return Optional.of(new Channel(socket, selector));
        }
        return Optional.empty();
    }

    /** Reads what is there; false at the end of the stream. */
    boolean fill() {
        try {
            return socket.read(inbox) >= 0;
        } catch (IOException reset) {
            return false;
        }
    }

    /** The next frame that is there whole. */
    Optional<byte[]> next() throws Violation {
        if (inbox.position() < HEADER) {
            return Optional.empty();
        }
        int size = inbox.getInt(0);
        if (size < 1 || size > FRAME_MAX) {
            throw new Violation(Violation.FRAME_SIZE,
                                "a frame of " + Integer.toUnsignedString(size) + " bytes");
        }
        if (inbox.position() < HEADER + size) {
            return Optional.empty();
        }
        byte[] frame = new byte[size];
        inbox.flip().position(HEADER).get(frame);
        inbox.compact();
        return Optional.of(frame);
    }

    /** Writes what the socket takes at once; flush() writes the rest. */
    void send(long re, int body, Message content) {
        byte[] envelope = new Message().number(RE, re)
            .bytes(body, content.toBytes()).toBytes();
        ByteBuffer all = ByteBuffer.allocate(
            outbox.remaining() + HEADER + envelope.length);
        all.put(outbox).putInt(envelope.length).put(envelope);
        outbox = all.flip();
        flush();
    }

    void flush() {
        try {
            socket.write(outbox);
        } catch (IOException gone) {
            outbox.position(outbox.limit()); // the end is read, not written
        }
        if (key.isValid()) {
            key.interestOps(SelectionKey.OP_READ
                            | (outbox.hasRemaining() ? SelectionKey.OP_WRITE : 0));
        }
    }

    boolean isReadable() {
        return key.isValid() && key.isReadable();
    }

    /** After the end of the stream. */
    void ignore() {
        key.cancel();
    }
}
