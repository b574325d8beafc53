// Protobuf fields by hand, for what no generated code would write.
#ifndef CONFORMANCE_WIRE_RAW_H_
#define CONFORMANCE_WIRE_RAW_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance::raw {

std::string Varint(uint64_t value);
std::string VarintField(uint32_t number, uint64_t value);
std::string BytesField(uint32_t number, absl::string_view value);
std::string Fixed32Field(uint32_t number, uint32_t value);
std::string Fixed64Field(uint32_t number, uint64_t value);
std::string Group(uint32_t number, absl::string_view content);

}  // namespace drover::conformance::raw

#endif  // CONFORMANCE_WIRE_RAW_H_
