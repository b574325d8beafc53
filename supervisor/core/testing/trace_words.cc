#include "supervisor/core/testing/trace_words.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace drover::core {
namespace {

using worker::v1::ToSupervisor;

absl::Status Unknown(absl::string_view word) {
  return absl::InvalidArgumentError(
      absl::StrCat("a worker says nothing like \"", word, "\""));
}

// The words without what belongs to the envelope, or is a text.
struct Sentence {
  std::vector<std::string> words;
  std::string text;
  uint64_t op = 0;
  uint64_t re = 0;

  std::string word(size_t i) const { return i < words.size() ? words[i] : ""; }
};

absl::StatusOr<Sentence> Read(absl::Span<const std::string> words) {
  Sentence sentence;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (absl::StartsWith(word, "\"")) {
      sentence.text = word.substr(1, word.size() - 2);
    } else if (word == "op" || word == "re") {
      uint64_t* number = word == "op" ? &sentence.op : &sentence.re;
      if (++i == words.size() || !absl::SimpleAtoi(words[i], number)) {
        return Unknown(absl::StrCat(word, " without a number"));
      }
    } else {
      sentence.words.push_back(word);
    }
  }
  return sentence;
}

absl::Status SayHello(const Sentence& sentence, ToSupervisor* message) {
  auto* hello = message->mutable_hello();
  hello->set_major(1);
  for (size_t i = 1; i < sentence.words.size(); ++i) {
    const std::string& word = sentence.words[i];
    worker::v1::Capability capability;
    if (!worker::v1::Capability_Parse(absl::StrCat("CAPABILITY_", word),
                                      &capability)) {
      return Unknown(word);
    }
    hello->add_capabilities(capability);
  }
  return absl::OkStatus();
}

absl::Status SayResult(const Sentence& sentence, ToSupervisor* message) {
  worker::v1::ResultCode code;
  if (!worker::v1::ResultCode_Parse(
          absl::StrCat("RESULT_CODE_", sentence.word(1)), &code)) {
    return Unknown(sentence.word(1));
  }
  message->mutable_result()->set_code(code);
  message->mutable_result()->set_text(sentence.text);
  return absl::OkStatus();
}

absl::Status SayRequest(const Sentence& sentence, ToSupervisor* message) {
  worker::v1::RequestKind kind;
  if (!worker::v1::RequestKind_Parse(
          absl::StrCat("REQUEST_KIND_", sentence.word(1)), &kind)) {
    return Unknown(sentence.word(1));
  }
  message->mutable_request()->set_kind(kind);
  return absl::OkStatus();
}

absl::Status SayProgress(const Sentence& sentence, ToSupervisor* message) {
  absl::Duration extend;
  if (sentence.word(1) != "extend" ||
      !absl::ParseDuration(sentence.word(2), &extend)) {
    return Unknown("Progress; it is: Progress extend DURATION");
  }
  message->mutable_progress()->set_extend_ms(
      static_cast<uint32_t>(absl::ToInt64Milliseconds(extend)));
  message->mutable_progress()->set_text(sentence.text);
  return absl::OkStatus();
}

absl::Status SayPong(const Sentence& sentence, ToSupervisor* message) {
  uint64_t id = 0;
  if (!absl::SimpleAtoi(sentence.word(1), &id)) return Unknown("Pong");
  message->mutable_pong()->set_id(id);
  return absl::OkStatus();
}

absl::Status Say(const Sentence& sentence, ToSupervisor* message) {
  const std::string verb = sentence.word(0);
  worker::v1::State state;
  if (verb == "Hello") return SayHello(sentence, message);
  if (verb == "Result") return SayResult(sentence, message);
  if (verb == "Request") return SayRequest(sentence, message);
  if (verb == "Progress") return SayProgress(sentence, message);
  if (verb == "Pong") return SayPong(sentence, message);
  if (verb == "Fatal") {
    message->mutable_fatal()->set_text(sentence.text);
  } else if (verb == "UserMessage") {
    message->mutable_user_message()->set_topic(sentence.word(1));
    message->mutable_user_message()->set_payload(sentence.text);
  } else if (verb == "ProtocolError") {
    message->mutable_protocol_error()->set_text(sentence.text);
  } else if (verb == "unknown") {
    return absl::OkStatus();
  } else if (worker::v1::State_Parse(absl::StrCat("STATE_", verb), &state)) {
    message->mutable_state()->set_state(state);
    message->mutable_state()->set_text(sentence.text);
  } else {
    return Unknown(verb);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> SplitWords(absl::string_view line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool inside = false;
  for (char c : line) {
    if (c == ' ' && !quoted) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    words.back().push_back(c);
    if (c == '"') quoted = !quoted;
  }
  return words;
}

absl::StatusOr<ToSupervisor> ParseWords(absl::Span<const std::string> words) {
  absl::StatusOr<Sentence> sentence = Read(words);
  if (!sentence.ok()) return sentence.status();
  ToSupervisor message;
  message.set_op(sentence->op);
  message.set_re(sentence->re);
  if (absl::Status status = Say(*sentence, &message); !status.ok()) {
    return status;
  }
  return message;
}

}  // namespace drover::core
