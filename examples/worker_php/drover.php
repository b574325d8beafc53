<?php
declare(strict_types=1);

/**
 * Drover workers in PHP, over the C library (libdrover.so.1) and PHP's FFI.
 * drover.h is the reference.
 *
 *     $worker = Drover\Worker::open('billing') ?? exit("not supervised\n");
 *     foreach ($worker->events() as $kind => $exitCode) { ... }
 */
namespace Drover;

const RESUME = 2;
const STOPPING = 4;

/** What an event tells to do. */
enum Kind: int
{
    case Other = 0;
    case Start = 2;
    case Stop = 3;
    case Quit = 4;
    case Lost = 7;
    case Deadline = 8;
    case End = 11;
}

/** A call that failed; the code is what a program that cannot go on ends with. */
final class Error extends \RuntimeException
{
}

final class Worker
{
    private const DECLARATIONS = <<<'C'
        typedef struct drover_options drover_options;
        typedef struct drover_worker drover_worker;
        typedef struct drover_session drover_session;
        typedef struct drover_event drover_event;
        const char* drover_strerror(int error);
        int drover_exit_code(int error);
        int drover_options_new(drover_options** ret_options);
        void drover_options_free(drover_options* options);
        int drover_options_set_name(drover_options* options, const char* name);
        int drover_options_set_sdk(drover_options* options, const char* sdk);
        int drover_options_add_capability(drover_options* options,
                                          uint32_t capability);
        int drover_open(const drover_options* options,
                        drover_worker** ret_worker);
        int drover_listener(drover_worker* worker, const char* name);
        int drover_fd(drover_worker* worker);
        int drover_next_event(drover_worker* worker, int timeout_ms,
                              const drover_event** ret_event);
        int drover_event_kind(const drover_event* event);
        int drover_event_exit_code(const drover_event* event);
        int drover_state(drover_worker* worker);
        int drover_started(drover_worker* worker, const char* text);
        int drover_stopped(drover_worker* worker, const char* text);
        int drover_stopped_forced(drover_worker* worker, const char* text,
                                  uint32_t abandoned);
        int drover_fatal(drover_worker* worker, uint32_t code,
                         const char* text);
        const drover_session* drover_worker_session(
            const drover_worker* worker);
        const char* drover_session_pool(const drover_session* session);
        uint32_t drover_session_slot(const drover_session* session);
        uint64_t drover_session_generation(const drover_session* session);
        C;

    /** Readable when there is something to do. */
    public readonly int $fd;

    private function __construct(
        private readonly \FFI $lib,
        private readonly \FFI\CData $handle,
    ) {
        $this->fd = $this->check($lib->drover_fd($handle));
    }

    /** null where no supervisor started this program. */
    public static function open(string $name): ?self
    {
        $lib = \FFI::cdef(self::DECLARATIONS, 'libdrover.so.1');
        $options = $lib->new('drover_options*');
        $handle = $lib->new('drover_worker*');
        $got = $lib->drover_options_new(\FFI::addr($options));
        if ($got === 0) {
            $lib->drover_options_set_name($options, $name);
            $lib->drover_options_set_sdk($options, 'drover-php/1.0');
            $lib->drover_options_add_capability($options, RESUME);
            $got = $lib->drover_open($options, \FFI::addr($handle));
            $lib->drover_options_free($options);
        }
        if ($got < 0) {
            throw self::error($lib, $got);
        }
        return $got === 0 ? null : new self($lib, $handle);
    }

    /** The events that are there, without waiting: kind => exit code. */
    public function events(): \Generator
    {
        $event = $this->lib->new('const drover_event*');
        $address = \FFI::addr($event);
        while ($this->check(
            $this->lib->drover_next_event($this->handle, 0, $address)
        ) === 1) {
            $kind = Kind::tryFrom($this->lib->drover_event_kind($event));
            yield $kind ?? Kind::Other
                => $this->lib->drover_event_exit_code($event);
        }
    }

    /** The descriptor of the listening socket of that name. */
    public function listener(string $name): int
    {
        return $this->check($this->lib->drover_listener($this->handle, $name));
    }

    public function isStopping(): bool
    {
        return $this->lib->drover_state($this->handle) === STOPPING;
    }

    /** false where a stronger command has come meanwhile. */
    public function started(): bool
    {
        return $this->lib->drover_started($this->handle, null) === 0;
    }

    public function stopped(): void
    {
        $this->lib->drover_stopped($this->handle, null);
    }

    public function stoppedForced(int $abandoned): void
    {
        $this->lib->drover_stopped_forced($this->handle, null, $abandoned);
    }

    /** Last words, before an exit with that code. */
    public function fatal(int $code, string $text): void
    {
        $this->lib->drover_fatal($this->handle, $code, $text);
    }

    /** "web/3 generation 2", once Welcome was read. */
    public function place(): string
    {
        $session = $this->lib->drover_worker_session($this->handle);
        return sprintf(
            '%s/%d generation %d',
            $this->lib->drover_session_pool($session),
            $this->lib->drover_session_slot($session),
            $this->lib->drover_session_generation($session),
        );
    }

    private function check(int $result): int
    {
        return $result < 0 ? throw self::error($this->lib, $result) : $result;
    }

    private static function error(\FFI $lib, int $result): Error
    {
        return new Error(
            $lib->drover_strerror($result),
            $lib->drover_exit_code($result),
        );
    }
}
