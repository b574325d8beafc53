<?php
declare(strict_types=1);

/**
 * Sockets by their numbers (Linux). PHP's own streams would do, were it not
 * that php://fd and socket_accept() make descriptors which programs that the
 * worker executes inherit.
 */
final class Posix
{
    private const DECLARATIONS = <<<'C'
        struct pollfd { int fd; short events; short revents; };
        int poll(struct pollfd* fds, unsigned long count, int timeout);
        int accept4(int fd, void* address, void* size, int flags);
        ssize_t read(int fd, void* buffer, size_t size);
        ssize_t send(int fd, const char* data, size_t size, int flags);
        int close(int fd);
        C;
    private const POLLIN = 1;
    private const MSG_NOSIGNAL = 0x4000;
    private const SOCK_CLOEXEC = 0x80000;
    private const CHUNK = 4096;

    private readonly FFI $libc;
    private readonly FFI\CData $buffer;

    public function __construct()
    {
        $this->libc = FFI::cdef(self::DECLARATIONS, 'libc.so.6');
        $this->buffer = $this->libc->new('char[' . self::CHUNK . ']');
    }

    /**
     * Waits until a descriptor is readable, at most so many milliseconds (-1:
     * without limit).
     *
     * @param int[] $fds
     * @return int[] those that are readable
     */
    public function wait(array $fds, int $milliseconds): array
    {
        $count = count($fds);
        $entries = $this->libc->new("struct pollfd[$count]");
        foreach ($fds as $i => $fd) {
            $entries[$i]->fd = $fd;
            $entries[$i]->events = self::POLLIN;
        }
        if ($this->libc->poll($entries, $count, $milliseconds) <= 0) {
            return []; // a signal counts as nothing
        }
        $isReady = fn(int $i): bool => $entries[$i]->revents !== 0;
        return array_filter($fds, $isReady, ARRAY_FILTER_USE_KEY);
    }

    /** null where a sibling was faster. */
    public function accept(int $listener): ?int
    {
        $fd = $this->libc->accept4($listener, null, null, self::SOCK_CLOEXEC);
        return $fd < 0 ? null : $fd;
    }

    /** '' at the end or after an error. */
    public function read(int $fd): string
    {
        $size = $this->libc->read($fd, $this->buffer, self::CHUNK);
        return $size > 0 ? FFI::string($this->buffer, $size) : '';
    }

    /** Sends a text that fits into the socket's buffer. */
    public function send(int $fd, string $text): void
    {
        $this->libc->send($fd, $text, strlen($text), self::MSG_NOSIGNAL);
    }

    public function close(int $fd): void
    {
        $this->libc->close($fd);
    }
}
