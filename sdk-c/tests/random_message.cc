#include "tests/random_message.h"

#include <cstdint>
#include <limits>

namespace drover_tests {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

uint64_t Number(std::mt19937* random) {
  static const uint64_t kCorners[] = {0,
                                      1,
                                      127,
                                      128,
                                      255,
                                      16383,
                                      16384,
                                      65536,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x100000000,
                                      0x7fffffffffffffff,
                                      ~uint64_t{0}};
  if ((*random)() % 2 == 0) {
    return kCorners[(*random)() % (sizeof(kCorners) / sizeof(kCorners[0]))];
  }
  const uint64_t high = (*random)();
  return (high << 32 | (*random)()) >> (*random)() % 64;
}

std::string Text(std::mt19937* random) {
  static const char* const kPieces[] = {
      "a", "http", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\x91", " ", "-"};
  std::string text;
  for (uint32_t i = (*random)() % 6; i > 0; --i) {
    text += kPieces[(*random)() % 7];
  }
  return text;
}

std::string Bytes(std::mt19937* random) {
  std::string bytes((*random)() % 40, '\0');
  for (char& byte : bytes) byte = static_cast<char>((*random)());
  if ((*random)() % 16 == 0) bytes.resize((*random)() % 2000);
  return bytes;
}

double Double(std::mt19937* random) {
  static const double kCorners[] = {0.0,
                                    -0.0,
                                    1.0,
                                    -1.5,
                                    std::numeric_limits<double>::infinity(),
                                    std::numeric_limits<double>::denorm_min()};
  return kCorners[(*random)() % 6];
}

void FillField(Message* message, const FieldDescriptor* field,
               std::mt19937* random) {
  const auto* reflection = message->GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto value = static_cast<uint32_t>(Number(random));
      many ? reflection->AddUInt32(message, field, value)
           : reflection->SetUInt32(message, field, value);
      return;
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection->SetUInt64(message, field, Number(random));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection->SetEnumValue(message, field, (*random)() % 12);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(message, field, (*random)() % 2 == 0);
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection->SetDouble(message, field, Double(random));
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, field,
                            field->type() == FieldDescriptor::TYPE_STRING
                                ? Text(random)
                                : Bytes(random));
      return;
    default:
      Fill(many ? reflection->AddMessage(message, field)
                : reflection->MutableMessage(message, field),
           random);
  }
}

}  // namespace

void Fill(Message* message, std::mt19937* random) {
  const auto* descriptor = message->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->containing_oneof() != nullptr || (*random)() % 3 == 0) continue;
    const uint32_t times = field->is_repeated() ? (*random)() % 5 : 1;
    for (uint32_t j = 0; j < times; ++j) FillField(message, field, random);
  }
  for (int i = 0; i < descriptor->oneof_decl_count(); ++i) {
    const auto* oneof = descriptor->oneof_decl(i);
    const auto choice = static_cast<int>((*random)() % oneof->field_count());
    FillField(message, oneof->field(choice), random);
  }
}

void Damage(std::string* bytes, std::mt19937* random) {
  static const char* const kFields[] = {"\x08\x05",         "\xa3\x06\xa4\x06",
                                        "\xa2\x06\x01x",    "\x62\x02\x08\x07",
                                        "\xa0\x06\xff\x01", "\x52\x00"};
  for (uint32_t i = 1 + (*random)() % 3; i > 0; --i) {
    const size_t at = bytes->empty() ? 0 : (*random)() % bytes->size();
    switch ((*random)() % 6) {
      case 0:
        if (!bytes->empty())
          (*bytes)[at] ^= static_cast<char>(1 << (*random)() % 8);
        break;
      case 1:
        if (!bytes->empty()) (*bytes)[at] = static_cast<char>((*random)());
        break;
      case 2:
        bytes->resize(at);
        break;
      case 3:
        bytes->insert(at, 1, static_cast<char>((*random)()));
        break;
      case 4:
        bytes->insert((*random)() % 2 == 0 ? at : bytes->size(),
                      kFields[(*random)() % 6]);
        break;
      default:
        bytes->append(*bytes, at, 40);
    }
  }
}

}  // namespace drover_tests
