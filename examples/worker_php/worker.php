#!/usr/bin/env php
<?php
declare(strict_types=1);

/**
 * A Drover worker in PHP: answers one HTTP request at a time and closes the
 * connection. While a client is slow, commands are heard all the same.
 */

use Drover\Kind;
use Drover\Worker;

require __DIR__ . '/drover.php';
require __DIR__ . '/posix.php';

const PATIENCE = 5.0; // seconds for a client to send its request

/** One connection, until it was answered or its time is over. */
final class Client
{
    private string $request = '';
    private readonly float $ends;

    public function __construct(
        private readonly Posix $posix,
        public readonly int $fd,
    ) {
        $this->ends = hrtime(true) / 1e9 + PATIENCE;
    }

    public function millisecondsLeft(): int
    {
        return max(0, (int) (1000 * ($this->ends - hrtime(true) / 1e9)));
    }

    /** true when the connection is over. */
    public function serve(string $body): bool
    {
        $data = $this->posix->read($this->fd);
        $this->request .= $data;
        if ($data !== '' && !str_contains($this->request, "\r\n\r\n")) {
            return strlen($this->request) > 8192;
        }
        if ($data !== '') {
            $this->posix->send(
                $this->fd,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                . strlen($body) . "\r\n\r\n" . $body,
            );
        }
        return true;
    }
}

/** What is accepted, what is in flight, and how it all ends. */
final class Program
{
    private bool $accepting = false;
    private bool $leaving = false;
    private ?Client $client = null;

    public function __construct(
        private readonly Worker $worker,
        private readonly int $listener,
        private readonly Posix $posix,
    ) {
    }

    /** Returns what to exit with. */
    public function run(): int
    {
        while (true) {
            $ready = $this->wait();
            // Commands first: after a Stop nothing more is accepted.
            foreach ($this->worker->events() as $kind => $exitCode) {
                if ($kind === Kind::End) {
                    return $exitCode;
                }
                $this->act($kind);
            }
            $this->work($ready);
            if ($this->client === null) {
                if ($this->worker->isStopping()) {
                    $this->worker->stopped();
                }
                if ($this->leaving) {
                    return 0;
                }
            }
        }
    }

    /** @return int[] the descriptors that are readable */
    private function wait(): array
    {
        $fds = [$this->worker->fd];
        if ($this->client !== null || $this->accepting) {
            $fds[] = $this->client?->fd ?? $this->listener;
        }
        $timeout = $this->client?->millisecondsLeft() ?? -1;
        return $this->posix->wait($fds, $timeout);
    }

    private function act(Kind $kind): void
    {
        switch ($kind) {
            case Kind::Start:
                $this->accepting = $this->worker->started();
                break;
            case Kind::Stop:
                $this->accepting = false;
                break;
            case Kind::Deadline:
                if ($this->client !== null && $this->worker->isStopping()) {
                    $this->drop();
                    $this->worker->stoppedForced(1);
                }
                break;
            case Kind::Quit:
            case Kind::Lost:
                $this->accepting = false;
                $this->leaving = true;
                break;
            default:
        }
    }

    /** @param int[] $ready */
    private function work(array $ready): void
    {
        if ($this->client !== null) {
            $body = "hello from {$this->worker->place()}\n";
            $over = in_array($this->client->fd, $ready, true)
                ? $this->client->serve($body)
                : $this->client->millisecondsLeft() === 0;
            if ($over) {
                $this->drop();
            }
        } elseif ($this->accepting && in_array($this->listener, $ready, true)) {
            $fd = $this->posix->accept($this->listener);
            $this->client = $fd === null ? null : new Client($this->posix, $fd);
        }
    }

    private function drop(): void
    {
        $this->posix->close($this->client->fd);
        $this->client = null;
    }
}

function main(): int
{
    try {
        $worker = Worker::open('worker_php');
        if ($worker === null) {
            echo "worker.php: not supervised; see README.md for how to run it\n";
            return 0;
        }
    } catch (Drover\Error $error) {
        fwrite(STDERR, "worker.php: {$error->getMessage()}\n");
        return $error->getCode();
    }
    try {
        $listener = $worker->listener('http');
    } catch (Drover\Error $error) {
        $worker->fatal(
            $error->getCode(),
            "listener \"http\": {$error->getMessage()}",
        );
        return $error->getCode();
    }
    return (new Program($worker, $listener, new Posix()))->run();
}

exit(main());
