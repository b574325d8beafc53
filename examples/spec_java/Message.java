import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A message to be sent, field by field. */
final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Left out where it is 0. */
    Message number(int field, long value) {
        if (value != 0) {
            varint((long) field << 3);
            varint(value);
        }
        return this;
    }

    Message bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    Message text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private void varint(long value) {
        for (; (value & ~127L) != 0; value >>>= 7) {
            out.write((int) (value & 127 | 128));
        }
        out.write((int) value);
    }
}
