package Channel;

# The channel to the supervisor: frames on a socket, and the fields of the
# envelopes in them (SPEC.md, chapters 3, 4 and 21).

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use Fcntl qw(F_GETFD F_SETFD FD_CLOEXEC);
use Socket;

use constant {
    FRAME_MAX => 65536,
    FRAME_SIZE => 1,    # codes of ProtocolError
    PARSE      => 2,
};

# The stream socket at an inherited number, once it is known to be one. Dies
# with the reason.
sub adopt {
    my ($number, %is) = @_;
    $number =~ /^\d+$/a or die "\"$number\" is no descriptor\n";
    open my $socket, '+<&=', $number
        or die "descriptor $number: $!; a wrapper may have closed it\n";
    my $type = getsockopt $socket, SOL_SOCKET, SO_TYPE
        or die "descriptor $number: $!; a wrapper may have closed it\n";
    my $listens = getsockopt $socket, SOL_SOCKET, SO_ACCEPTCONN;
    unpack('i', $type) == SOCK_STREAM
        && !unpack('i', $listens) == !$is{listens}
        or die "descriptor $number is another kind of socket; "
            . "a wrapper may have closed what it should be\n";
    if (!$is{listens}) {
        my $peer = getpeername $socket;
        defined $peer && sockaddr_family($peer) == AF_UNIX
            or die "descriptor $number is no connected unix socket; "
            . "a wrapper may have closed what it should be\n";
    }
    my $flags = fcntl $socket, F_GETFD, 0;
    fcntl $socket, F_SETFD, $flags | FD_CLOEXEC or die "fcntl: $!\n";
    return $socket;
}

sub new {
    my ($class, $socket) = @_;
    return bless { socket => $socket, inbox => '', outbox => '' }, $class;
}

# The supervisor broke the protocol: a ProtocolErrorCode and a text.
sub violation { die { code => $_[0], text => $_[1] } }
sub broken { violation(PARSE, 'bytes are no envelope') }

# Reads what is there; false at the end of the stream.
sub fill {
    my ($self) = @_;
    my $got = sysread $self->{socket}, $self->{inbox}, FRAME_MAX,
        length $self->{inbox};
    return 1 if !defined $got && $! == EINTR;
    return $got;    # an error is the end, too
}

# The next frame that is there whole; undef if none is. Dies with a violation.
sub next_frame {
    my ($self) = @_;
    return if length $self->{inbox} < 4;
    my $size = unpack 'N', $self->{inbox};
    violation(FRAME_SIZE, "a frame of 1 to 65536 bytes, not of $size")
        if $size < 1 || $size > FRAME_MAX;
    return if length $self->{inbox} < 4 + $size;
    return substr substr($self->{inbox}, 0, 4 + $size, ''), 4;
}

# Never waits: a supervisor that reads nothing must not keep the worker from
# its end. flush() writes the rest.
sub send {
    my ($self, $re, $body, $content) = @_;
    my $frame = ($re ? field(2, $re) : '') . bytes($body, $content);
    $self->{outbox} .= pack('N', length $frame) . $frame;
    $self->flush;
}

# True when nothing waits any more. That the supervisor has left is read, not
# written.
sub flush {
    my ($self) = @_;
    while (length $self->{outbox}) {
        my $written = CORE::send $self->{socket}, $self->{outbox}, MSG_DONTWAIT;
        next if !defined $written && $! == EINTR;
        return 0 if !defined $written && $! == EAGAIN;
        substr $self->{outbox}, 0, $written // length $self->{outbox}, '';
    }
    return 1;
}

# ---- Fields

# A field that is a number, or bytes.
sub field { return varint($_[0] << 3) . varint($_[1]) }
sub bytes { return varint($_[0] << 3 | 2) . varint(length $_[1]) . $_[1] }

sub varint {
    my ($value) = @_;
    my $bytes = '';
    for (; $value > 127; $value >>= 7) {
        $bytes .= chr($value & 127 | 128);
    }
    return $bytes . chr $value;
}

# The last value of each field, by "number/wire type", and all of them by
# "number/wire type/all"; groups are skipped.
sub parse {
    my ($data) = @_;
    my ($at, @groups, %fields) = (0);
    while ($at < length $data) {
        my $key = read_varint($data, \$at);
        my ($number, $kind) = ($key >> 3, $key & 7);
        broken() if $number < 1;
        if ($kind == 3) {
            push @groups, $number;
            next;
        }
        if ($kind == 4) {
            broken() if !@groups || pop @groups != $number;
            next;
        }
        my $value = read_value($data, \$at, $kind);
        next if @groups;
        $fields{"$number/$kind"} = $value;
        push @{ $fields{"$number/$kind/all"} }, $value;
    }
    broken() if @groups;
    return \%fields;
}

sub read_value {
    my ($data, $at, $kind) = @_;
    return read_varint($data, $at) if $kind == 0;
    my $size = $kind == 1 ? 8 : $kind == 5 ? 4
        : $kind == 2 ? read_varint($data, $at) : broken();
    broken() if $size > length($data) - $$at;
    $$at += $size;
    return substr $data, $$at - $size, $size;
}

sub read_varint {
    my ($data, $at) = @_;
    my $value = 0;
    for my $i (0 .. 9) {
        my $byte = unpack 'C', substr $data, $$at++, 1;
        broken() if !defined $byte;
        $value |= ($byte & 127) << 7 * $i;
        return $value if $byte < 128;
    }
    broken();
}

# The numbers of a list, packed or not.
sub list {
    my ($fields, $number) = @_;
    my @list = @{ $fields->{"$number/0/all"} // [] };
    my ($packed, $at) = (join('', @{ $fields->{"$number/2/all"} // [] }), 0);
    push @list, read_varint($packed, \$at) while $at < length $packed;
    return @list;
}

1;
