#include "conformance/wire/describe.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

constexpr size_t kBodyMax = 240;

std::string Short(const std::string& name, absl::string_view prefix,
                  int number) {
  if (name.empty()) return absl::StrCat(number);
  return std::string(absl::StripPrefix(name, prefix));
}

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetTruncateStringFieldLongerThan(100);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return Printable(text, kBodyMax);
}

// The message that the oneof holds, named and in braces.
std::string Body(const google::protobuf::Message& frame) {
  const auto* oneof = frame.GetDescriptor()->FindOneofByName("body");
  const auto* reflection = frame.GetReflection();
  const auto* field = reflection->GetOneofFieldDescriptor(frame, oneof);
  if (field == nullptr) return "unknown body";
  const auto& body = reflection->GetMessage(frame, field);
  return absl::StrCat(std::string(body.GetDescriptor()->name()), "{",
                      OneLine(body), "}");
}

std::string Numbers(uint64_t op, uint64_t re) {
  std::string text;
  if (op != 0) absl::StrAppend(&text, " op ", op);
  if (re != 0) absl::StrAppend(&text, " re ", re);
  return text;
}

std::string StateBody(const worker::v1::StateReport& report) {
  std::string text = StateName(report.state());
  if (report.forced()) absl::StrAppend(&text, " forced");
  if (report.abandoned() != 0) {
    absl::StrAppend(&text, " abandoned ", report.abandoned());
  }
  if (!report.text().empty()) {
    absl::StrAppend(&text, " text \"", Printable(report.text(), kBodyMax),
                    "\"");
  }
  return text;
}

}  // namespace

std::string StateName(int state) {
  return Short(worker::v1::State_Name(static_cast<worker::v1::State>(state)),
               "STATE_", state);
}

std::string StateAnswer(int state, uint64_t op) {
  return absl::StrCat(StateName(state), "(", op, ")");
}

std::string ResultName(int code) {
  return Short(
      worker::v1::ResultCode_Name(static_cast<worker::v1::ResultCode>(code)),
      "RESULT_CODE_", code);
}

std::string ErrorName(int code) {
  return Short(worker::v1::ProtocolErrorCode_Name(
                   static_cast<worker::v1::ProtocolErrorCode>(code)),
               "PROTOCOL_ERROR_CODE_", code);
}

std::string Describe(const ToWorker& frame) {
  return absl::StrCat(Body(frame), Numbers(frame.op(), frame.re()));
}

std::string Describe(const ToSupervisor& frame) {
  std::string body = frame.body_case() == ToSupervisor::kState
                         ? StateBody(frame.state())
                         : Body(frame);
  return absl::StrCat(body, Numbers(frame.op(), frame.re()));
}

}  // namespace drover::conformance
