// The codec against libprotobuf: it accepts and refuses the same bytes, reads
// the same values, and writes the same bytes.
#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "drover/worker/v1/worker.pb.h"
#include "gtest/gtest.h"
#include "tests/compare.h"
#include "tests/internal.h"
#include "tests/random_message.h"

namespace {

using ::drover::worker::v1::ToSupervisor;
using ::drover::worker::v1::ToWorker;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

// ---- The tables -------------------------------------------------------------

int KindOf(const FieldDescriptor& field) {
  if (field.containing_oneof() != nullptr) return DRVR_BODY;
  switch (field.type()) {
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_ENUM:
      return field.is_repeated() ? DRVR_NUMBERS : DRVR_U32;
    case FieldDescriptor::TYPE_UINT64:
      return DRVR_U64;
    case FieldDescriptor::TYPE_BOOL:
      return DRVR_BOOL;
    case FieldDescriptor::TYPE_DOUBLE:
      return DRVR_DOUBLE;
    case FieldDescriptor::TYPE_BYTES:
      return DRVR_BYTES;
    case FieldDescriptor::TYPE_STRING:
      return DRVR_STRING;
    case FieldDescriptor::TYPE_MESSAGE:
      return field.is_repeated() ? DRVR_LIST : DRVR_MESSAGE;
    default:
      return -1;
  }
}

void ExpectSame(const drvr_schema& schema, const Descriptor& descriptor) {
  SCOPED_TRACE(descriptor.full_name());
  ASSERT_EQ(schema.count, descriptor.field_count());
  for (int i = 0; i < schema.count; ++i) {
    const drvr_field& field = schema.fields[i];
    const FieldDescriptor* other = descriptor.FindFieldByNumber(field.number);
    ASSERT_NE(other, nullptr) << int{field.number};
    EXPECT_EQ(field.kind, KindOf(*other)) << other->name();
    ASSERT_EQ(field.message != nullptr, other->message_type() != nullptr);
    if (field.message != nullptr) {
      ExpectSame(*field.message, *other->message_type());
    }
  }
}

TEST(Schema, IsWorkerProto) {
  ExpectSame(drvr_to_worker_schema, *ToWorker::descriptor());
  ExpectSame(drvr_to_supervisor_schema, *ToSupervisor::descriptor());
}

// ---- Decoding ---------------------------------------------------------------

// Both decode the bytes; the results have to agree.
void Check(const std::string& bytes) {
  ToWorker theirs;
  const bool accepted = theirs.ParseFromString(bytes);
  auto ours = std::make_unique<drvr_to_worker>();
  const bool decoded =
      drvr_decode(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                  ours.get()) == 1;
  ASSERT_EQ(decoded, accepted) << drover_tests::Hex(bytes);
  if (!accepted) return;
  const std::string difference = drover_tests::Difference(*ours, theirs);
  ASSERT_EQ(difference, "") << drover_tests::Hex(bytes);
}

TEST(Decode, AgreesOnWhatLibprotobufWrites) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    ToWorker message;
    drover_tests::Fill(&message, &random);
    Check(message.SerializeAsString());
  }
}

TEST(Decode, AgreesOnDamagedMessages) {
  std::mt19937 random(2);
  for (int i = 0; i < 200000; ++i) {
    ToWorker message;
    drover_tests::Fill(&message, &random);
    std::string bytes = message.SerializeAsString();
    drover_tests::Damage(&bytes, &random);
    Check(bytes);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Decode, AgreesOnNoise) {
  std::mt19937 random(3);
  for (int i = 0; i < 200000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Check(bytes);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// Each of these was chosen because decoders are known to differ on it.
TEST(Decode, AgreesOnTheCorners) {
  const std::string stop = "\x62";  // body 12, sized
  const std::vector<std::string> cases = {
      "",
      std::string("\0", 1),                // tag 0
      std::string("\x02\0", 2),            // field 0
      std::string("\x0b\x0c", 2),          // group of a known number
      std::string("\xa3\x06\xa4\x06", 4),  // unknown group
      std::string("\xa3\x06\xac\x06", 4),  // ended by another number
      std::string("\xa3\x06", 2),          // not ended
      std::string("\xa4\x06", 2),          // not begun
      std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11),
      std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12),
      std::string("\x88\x80\x80\x80\x00\x05", 6),  // tag of five bytes
      std::string("\x88\x80\x80\x80\x80\x00\x05", 7),
      std::string("\x88\x80\x80\x80\x70\x05", 6),  // bits beyond the 32nd
      stop + std::string("\x80\x00", 2),           // overlong length
      stop + std::string("\x80\x80\x80\x80\x08", 5),
      stop + std::string("\x80\x80\x80\x80\x80\x00", 6),
      stop + "\x02\x08\x05" + stop + "\x02\x10\x06",       // merged
      stop + "\x02\x08\x05" + "\x6a\x00" + stop + "\x00",  // replaced
      "\x60\x05",                                          // a body as a number
      "\x52\x02\x10\x07",                          // capabilities not packed
      std::string("\x52\x04\x12\x02\x07\x08", 6),  // and packed
      std::string("\x52\x04\x12\x02\x07\x88", 6),  // cut inside a number
      std::string("\x52\x05\x1a\x03\x0a\x01\xff", 7),  // pool is no UTF-8
      std::string("\x52\x06\x1a\x04\x0a\x02\xc3\xa9", 8),
      std::string("\x52\x03\x32\x01\xff", 5),  // supervisor is bytes
      std::string("\x0d\0\0\0\0", 5),          // op as fixed32
      std::string("\x09\0\0\0\0\0\0\0\0", 9),
      std::string("\x0f\x01", 2),  // wire types 6 and 7
      std::string("\x0e\x01", 2),
  };
  for (const std::string& bytes : cases) Check(bytes);
}

TEST(Decode, AgreesOnHowDeepGroupsNest) {
  for (int depth = 97; depth <= 103; ++depth) {
    std::string groups;
    for (int i = 0; i < depth; ++i) groups += "\xa3\x06";
    for (int i = 0; i < depth; ++i) groups += "\xa4\x06";
    Check(groups);
    // The same inside a Stop, and inside Welcome's identity.
    std::string length = {static_cast<char>(groups.size() % 128 + 128),
                          static_cast<char>(groups.size() / 128)};
    Check("\x62" + length + groups);
    const std::string inner = "\x1a" + length + groups;
    length = {static_cast<char>(inner.size() % 128 + 128),
              static_cast<char>(inner.size() / 128)};
    Check("\x52" + length + inner);
  }
}

// Every first byte with the second bytes at which its meaning changes.
TEST(Decode, AgreesOnWhatIsUtf8) {
  for (int first = 0x80; first <= 0xff; ++first) {
    for (const int second :
         {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}) {
      for (int tails = 0; tails <= 3; ++tails) {
        std::string text = {static_cast<char>(first),
                            static_cast<char>(second)};
        text.append(static_cast<size_t>(tails), '\xbf');
        ToWorker message;
        message.mutable_welcome()->mutable_identity()->set_pool(
            std::string(text.size(), 'x'));
        std::string bytes = message.SerializeAsString();
        bytes.replace(bytes.size() - text.size(), text.size(), text);
        Check(bytes);
      }
    }
  }
}

TEST(Decode, KeepsWhatFitsOfLongLists) {
  ToWorker message;
  for (int i = 0; i < 300; ++i) message.mutable_welcome()->add_capabilities(i);
  for (int i = 0; i < 80; ++i) {
    message.mutable_welcome()->add_listeners()->set_fd(i);
  }
  Check(message.SerializeAsString());
}

// ---- Encoding ---------------------------------------------------------------

TEST(Encode, WritesWhatLibprotobufWrites) {
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    ToSupervisor theirs;
    drover_tests::Fill(&theirs, &random);
    if (theirs.body_case() == ToSupervisor::BODY_NOT_SET) continue;
    auto ours = std::make_unique<drvr_to_supervisor>();
    drover_tests::Convert(theirs, ours.get());
    std::string bytes(drvr_encoded_size(ours.get()), '\0');
    auto* begin = reinterpret_cast<uint8_t*>(bytes.data());
    ASSERT_EQ(drvr_encode(ours.get(), begin), begin + bytes.size());
    ASSERT_EQ(drover_tests::Hex(bytes),
              drover_tests::Hex(theirs.SerializeAsString()))
        << theirs.ShortDebugString();
  }
}

}  // namespace
