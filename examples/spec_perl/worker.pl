#!/usr/bin/perl
# A Drover worker in Perl, from SPEC.md alone: answers one HTTP request at a
# time and closes the connection. While a client is slow, commands are heard.

use strict;
use warnings;

use File::Basename qw(dirname);
use IO::Select;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use lib dirname(__FILE__);
use Channel;

use constant {
    WELCOME => 10, START => 11, STOP => 12, QUIT => 13, PING => 14,
    LAME_DUCK => 16, RESULT => 17, PROTOCOL_ERROR => 18,    # to the worker
    HELLO => 10, STATE => 11, PONG => 12, ANSWER => 13, FATAL => 17,
    CONNECTING => 0, INITIALIZED => 1, STARTED => 3, STOPPING => 4,
    STOPPED => 5, SHUTTING_DOWN => 6,
    UNIMPLEMENTED => 3, INVALID_STATE => 4,
    SEQUENCE => 3,
    RESUME => 2,
    EX_PROTOCOL => 76, EX_CONFIG => 78,
};
use constant PATIENCE => 5;      # seconds for a client to send its request
use constant RETRY => 0.01;      # where the supervisor reads late
use constant TICK => 1;          # a signal may come just before a wait

my ($channel, $listener);
my ($state, $stop_op, $resumes, $place) = (CONNECTING, 0, 0, '');
my ($loss, $quit) = (0, 0);      # seconds, of Welcome
my $until;                       # deadline of the Stop, or of the end
my $client;                      # {socket, request, until} while one is served
my $terminated = 0;

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub report {
    my ($new, $re, $more) = @_;
    $state = $new;
    $channel->send($re, STATE, Channel::field(1, $state) . ($more // ''));
}

sub refuse {
    my ($op, $code) = @_;
    $channel->send($op, ANSWER, Channel::field(1, $code));
}

# ---- What comes

my %act = (
    WELCOME, \&enter,
    START, \&start,
    STOP, \&stop,
    QUIT, sub {
        my ($op, $inner) = @_;
        say_goodbye($op);
        leave(($inner->{'1/0'} // 0) / 1000);
    },
    PING, sub {
        my (undef, $inner) = @_;
        $channel->send(0, PONG, Channel::field(1, $inner->{'1/0'} // 0));
    },
    LAME_DUCK, sub { },
    RESULT, sub { },
    PROTOCOL_ERROR, sub { exit EX_PROTOCOL },
);

sub handle {
    my ($frame) = @_;
    my $top = Channel::parse($frame);
    my ($op, $re) = ($top->{'1/0'} // 0, $top->{'2/0'} // 0);
    my ($body) = grep { exists $top->{"$_/2"} } WELCOME .. 19;
    my $inner = $body ? Channel::parse($top->{"$body/2"}) : {};
    $body //= 0;

    return if $state == SHUTTING_DOWN
        && !grep { $body == $_ } PING, QUIT, PROTOCOL_ERROR;
    Channel::violation(SEQUENCE, "body $body in state $state")
        if $body != PROTOCOL_ERROR
        && ($body == WELCOME) != ($state == CONNECTING);
    Channel::violation(SEQUENCE, 'a command without op')
        if !$op && grep { $body == $_ } START, STOP, QUIT;
    if ($act{$body}) {
        $act{$body}->($op, $inner);
    } elsif ($op && !$re) {
        refuse($op, UNIMPLEMENTED);
    }
}

sub enter {
    my (undef, $inner) = @_;
    my $identity = Channel::parse($inner->{'3/2'} // '');
    my $timeouts = Channel::parse($inner->{'4/2'} // '');
    my @listeners = map {
        my $listener = Channel::parse($_);
        ($listener->{'1/0'} // 0) . ':' . ($listener->{'2/2'} // '');
    } @{ $inner->{'5/2/all'} // [] };
    fail('the listeners of Welcome are not those of DROVER_LISTEN_FDS')
        if join(',', @listeners) ne ($ENV{DROVER_LISTEN_FDS} // '');
    $resumes = grep { $_ == RESUME } Channel::list($inner, 2);
    ($quit, $loss) = map { ($timeouts->{"$_/0"} // 0) / 1000 } 3, 4;
    $place = sprintf '%s/%d generation %d', $identity->{'1/2'} // '',
        map { $identity->{"$_/0"} // 0 } 2, 3;
    $state = INITIALIZED;
}

sub start {
    my ($op) = @_;
    if ($state == INITIALIZED || $state == STOPPED && $resumes) {
        report(STARTED, $op);
    } else {
        refuse($op, $state == STOPPED ? UNIMPLEMENTED : INVALID_STATE);
    }
}

sub stop {
    my ($op, $inner) = @_;
    $stop_op = $op;
    return report(STOPPED, $op) if !$client;
    report(STOPPING, $op) if $state != STOPPING;
    limit(($inner->{'1/0'} // 0) / 1000);
}

# ---- Ways to the end

sub say_goodbye {
    my ($re) = @_;
    return if $state == SHUTTING_DOWN;
    report(SHUTTING_DOWN, $re);
    undef $until;    # that of a Stop counts no more
}

# Finishes what is in flight within so many seconds.
sub leave {
    my ($seconds) = @_;
    $state = SHUTTING_DOWN;
    exit 0 if !$client;
    limit($seconds);
}

sub lose {
    exit 0 if $state == CONNECTING;
    leave($loss);
}

sub terminate {
    exit 0 if $state == CONNECTING || $state == SHUTTING_DOWN;
    say_goodbye(0);
    leave($quit);
}

# Keeps the earlier of two deadlines.
sub limit {
    my $new = now() + $_[0];
    $until = $new if !defined $until || $new < $until;
}

# Last words about what is not as it should be.
sub fail {
    my ($why) = @_;
    $channel->send(0, FATAL,
        Channel::field(1, EX_CONFIG) . Channel::bytes(2, $why));
    exit EX_CONFIG;
}

sub give_up {
    drop();
    exit 0 if $state == SHUTTING_DOWN;
    # One was abandoned, and it was forced.
    report(STOPPED, $stop_op, Channel::field(3, 1) . Channel::field(4, 1));
}

# ---- The work

sub take {
    # O_NONBLOCK is as it was: it belongs to all who share the listener.
    accept my $socket, $listener or return;    # a sibling was faster
    $client = { socket => $socket, request => '', until => now() + PATIENCE };
}

sub serve {
    my $got = sysread $client->{socket}, $client->{request}, 4096,
        length $client->{request};
    if ($got && $client->{request} !~ /\r\n\r\n/) {
        drop() if length $client->{request} > 8192;
        return;
    }
    my $body = "hello from $place\n";
    syswrite $client->{socket}, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body" if $got;
    finish();
}

sub finish {
    drop();
    exit 0 if $state == SHUTTING_DOWN;
    report(STOPPED, $stop_op) if $state == STOPPING;
}

sub drop {
    close $client->{socket};
    undef $client;
    undef $until;
}

# ---- The loop

sub hear {
    my ($gone) = !$channel->fill;
    while (defined(my $frame = $channel->next_frame)) {
        handle($frame);
    }
    return $gone;
}

sub run {
    my $gone = 0;    # the supervisor
    while (1) {
        my $waiting = IO::Select->new;
        $waiting->add($channel->{socket}) if !$gone;
        $waiting->add($client ? $client->{socket} : $listener)
            if $client || $state == STARTED;
        my $left = TICK;
        for my $end ($until, $client && $client->{until}) {
            $left = $end - now() if defined $end && $end - now() < $left;
        }
        $left = RETRY if !$channel->flush && $left > RETRY;
        my %ready = map { $_ => 1 } $waiting->can_read($left < 0 ? 0 : $left);

        terminate() if $terminated && $terminated--;
        # Commands first: after a Stop nothing more is accepted.
        if ($ready{$channel->{socket}} && hear()) {
            $gone = 1;
            lose();
        }
        if (defined $until && now() >= $until) {
            give_up();
        } elsif ($client) {
            if ($ready{$client->{socket}}) { serve() }
            elsif (now() >= $client->{until}) { finish() }
        } elsif ($state == STARTED && $ready{$listener}) {
            take();
        }
    }
}

# ---- The program

sub main {
    if (!defined $ENV{DROVER_FD}) {
        print "worker.pl: not supervised; see README.md for how to run it\n";
        return 0;
    }
    if (!grep { $_ eq '1' } split /,/, $ENV{DROVER_PROTOCOL} // '1') {
        print STDERR "worker.pl: speaks version 1 alone\n";
        return EX_CONFIG;
    }
    $SIG{INT} = 'IGNORE';     # reaches the supervisor, which says Quit
    $SIG{PIPE} = 'IGNORE';
    $SIG{TERM} = sub { $terminated++ };
    my $socket = eval { Channel::adopt($ENV{DROVER_FD}, listens => 0) };
    if (!$socket) {
        print STDERR "worker.pl: $@";
        return EX_CONFIG;
    }
    $channel = Channel->new($socket);

    my %numbers = map { reverse split /:/, $_, 2 }
        split /,/, $ENV{DROVER_LISTEN_FDS} // '';
    $listener = eval { Channel::adopt($numbers{http} // 'http', listens => 1) };
    fail('listener "http": ' . $@ =~ s/\n//r) if !$listener;
    $channel->send(0, HELLO,
        Channel::field(1, 1)                    # major
        . Channel::field(3, RESUME) . Channel::field(4, $$)
        . Channel::bytes(5, 'spec_perl')
        . Channel::field(8, 1));                # the main loop answers Ping
    eval { run() };
    die $@ if !ref $@;
    $channel->send(0, PROTOCOL_ERROR,
        Channel::field(1, $@->{code}) . Channel::bytes(2, $@->{text}));
    return EX_PROTOCOL;
}

exit main();
