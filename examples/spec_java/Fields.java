import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fields of a message, from its bytes (SPEC.md, chapter 21). */
final class Fields {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int BYTES = 2;
    private static final int GROUP = 3;
    private static final int GROUP_END = 4;
    private static final int FOUR_BYTES = 5;

    private final byte[] data;
    private int at;
    private final Map<Integer, List<Long>> numbers = new HashMap<>();
    private final Map<Integer, byte[]> contents = new HashMap<>();

    private Fields(byte[] data) {
        this.data = data;
    }

    /** Groups are skipped. */
    static Fields of(byte[] data) throws Violation {
        Fields fields = new Fields(data);
        Deque<Integer> groups = new ArrayDeque<>();
        while (fields.at < data.length) {
            fields.readField(groups);
        }
        expect(groups.isEmpty());
        return fields;
    }

    /** The last value of a field; 0 where there is none. */
    long number(int field) {
        List<Long> values = numbers.getOrDefault(field, List.of());
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }

    boolean has(int field) {
        return contents.containsKey(field);
    }

    /** A message within this one; without fields where there is none. */
    Fields message(int field) throws Violation {
        return of(contents.getOrDefault(field, new byte[0]));
    }

    /** All values of a field, packed or not. */
    List<Long> list(int field) throws Violation {
        List<Long> list = new ArrayList<>(numbers.getOrDefault(field, List.of()));
        Fields packed = new Fields(contents.getOrDefault(field, new byte[0]));
        while (packed.at < packed.data.length) {
            list.add(packed.readVarint());
        }
        return list;
    }

    private void readField(Deque<Integer> groups) throws Violation {
        long key = readVarint();
        int field = (int) (key >>> 3);
        int type = (int) (key & 7);
        expect(field > 0 && key >>> 32 == 0);
        if (type == GROUP) {
            groups.push(field);
        } else if (type == GROUP_END) {
            expect(!groups.isEmpty() && groups.pop() == field);
        } else if (type == VARINT) {
            long value = readVarint();
            if (groups.isEmpty()) {
                numbers.computeIfAbsent(field, unused -> new ArrayList<>()).add(value);
            }
        } else {
            byte[] content = readBytes(sizeOf(type));
            if (groups.isEmpty() && type == BYTES) {
                contents.put(field, content);
            }
        }
    }

    private long sizeOf(int type) throws Violation {
        switch (type) {
            case EIGHT_BYTES: return 8;
            case FOUR_BYTES: return 4;
            case BYTES: return readVarint();
            default: throw broken();
        }
    }

    private byte[] readBytes(long size) throws Violation {
        expect(size >= 0 && size <= data.length - at);
        byte[] content = new byte[(int) size];
        System.arraycopy(data, at, content, 0, content.length);
        at += content.length;
        return content;
    }

    private long readVarint() throws Violation {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            expect(at < data.length);
            byte next = data[at++];
            value |= (long) (next & 127) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw broken();
    }

    private static void expect(boolean isWellFormed) throws Violation {
        if (!isWellFormed) {
            throw broken();
        }
    }

    private static Violation broken() {
        return new Violation(Violation.PARSE, "bytes are no envelope");
    }
}
