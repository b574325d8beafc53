/** The supervisor broke the protocol. */
final class Violation extends Exception {
    private static final long serialVersionUID = 1;

    static final int FRAME_SIZE = 1;
    static final int PARSE = 2;
    static final int SEQUENCE = 3;

    /** A ProtocolErrorCode. */
    final int code;

    Violation(int code, String text) {
        super(text);
        this.code = code;
    }
}
