// A state is taken whole or refused in words.
#include "supervisor/handover/check.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "supervisor/handover/container.h"
#include "supervisor/handover/testing/sample.h"

namespace drover::handover {
namespace {

std::string Bytes(const state::v1::Handover& state) {
  return Wrap(state.SerializeAsString());
}

// Why the bytes are refused; empty if they are not.
std::string Refusal(const std::string& bytes) {
  auto read = ReadState(bytes, SampleHost());
  if (read.ok()) return "";
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(read.status().message());
}

void ExpectRefused(const std::string& bytes, const std::string& word) {
  EXPECT_NE(Refusal(bytes).find(word), std::string::npos)
      << "\"" << Refusal(bytes) << "\" is without: " << word;
}

TEST(StateTest, IsReadAsItWasWritten) {
  const state::v1::Handover state = SampleState();
  ASSERT_GE(state.core().workers_size(), 3);
  auto read = ReadState(Bytes(state), SampleHost());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->DebugString(), state.DebugString());
}

// The format's file, kept by hand (docs/architecture.md): what was written by
// the release that the name says must be read for ever, or refused on purpose.
TEST(StateTest, ThatOfTheFirstReleaseIsRead) {
  std::ifstream file("supervisor/handover/testdata/state-0.1.0");
  const std::string bytes{std::istreambuf_iterator<char>(file),
                          std::istreambuf_iterator<char>()};
  auto read = ReadState(bytes, SampleHost());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->core().pools_size(), 2);
  EXPECT_EQ(read->core().pools(0).run().kind(), 2u);  // a reload
  EXPECT_EQ(read->shell().processes_size(), read->core().workers_size());
  EXPECT_EQ(read->shell().processes(0).channel().received().size(), 5u);
  EXPECT_EQ(read->control().first_event(), 7u);
}

TEST(StateTest, EmptyIsNoState) {
  ExpectRefused("", "is empty");
  ExpectRefused(Wrap(""), "has nothing in it");
  ExpectRefused("#!/bin/sh\nexit 0\n", "does not begin as one");
}

TEST(StateTest, NoPartIsTakenForAnEmptyOne) {
  const std::pair<std::function<void(state::v1::Handover*)>, const char*>
      parts[] = {
          {[](auto* state) { state->clear_core(); }, "part core"},
          {[](auto* state) { state->clear_shell(); }, "part shell"},
          {[](auto* state) { state->clear_control(); }, "part control"},
          {[](auto* state) { state->clear_program(); }, "part program"},
      };
  for (const auto& [clear, word] : parts) {
    state::v1::Handover state = SampleState();
    clear(&state);
    ExpectRefused(Bytes(state), word);
  }
}

TEST(StateTest, CutAnywhereItIsRefused) {
  const std::string bytes = Bytes(SampleState());
  for (size_t size = 0; size < bytes.size(); size += 1 + size / 40) {
    EXPECT_NE(Refusal(bytes.substr(0, size)), "") << size;
  }
  ExpectRefused(bytes.substr(0, 10), "cut within its header");
  ExpectRefused(bytes.substr(0, bytes.size() - 1), "is cut");
  ExpectRefused(bytes + "x", "has grown");
}

TEST(StateTest, EachBitCounts) {
  const std::string bytes = Bytes(SampleState());
  for (size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : 37) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    EXPECT_NE(Refusal(flipped), "") << at;
  }
}

TEST(StateTest, OfALaterFormatItSaysSo) {
  ExpectRefused(Wrap(SampleState().SerializeAsString(), kFormat + 1),
                "is of format 2, of a later release; this one reads up to 1");
  ExpectRefused(Wrap(SampleState().SerializeAsString(), 0), "is of format 0");
}

TEST(StateTest, NamesTheFieldOfALaterRelease) {
  state::v1::Handover state = SampleState();
  config::v1::Pool* spec = state.mutable_core()
                               ->mutable_pools(1)
                               ->mutable_generations(0)
                               ->mutable_spec();
  spec->GetReflection()->MutableUnknownFields(spec)->AddVarint(57, 1);
  ExpectRefused(Bytes(state),
                "core.pools[1].generations[0].spec: field 57 of "
                "drover.config.v1.Pool");
}

TEST(StateTest, NamesTheFieldOfAnotherConfigurationSchema) {
  state::v1::Handover state = SampleState();
  state.mutable_core()
      ->mutable_pools(0)
      ->mutable_generations(0)
      ->mutable_spec()
      ->set_umask("nonsense");
  ExpectRefused(Bytes(state), "umask");
}

TEST(StateTest, ACoreThatMakesNoSenseIsRefused) {
  state::v1::Handover state = SampleState();
  state.mutable_core()->mutable_pools(0)->set_state(99);
  ExpectRefused(Bytes(state), "the core's state");
}

// Each is one contradiction, and the words that name it.
struct Contradiction {
  const char* word;
  std::function<void(state::v1::Handover*)> make;
};

TEST(StateTest, ContradictionsAreNamed) {
  const Contradiction contradictions[] = {
      {"has no process",
       [](auto* state) {
         auto* processes = state->mutable_shell()->mutable_processes();
         // Its descriptors stay with another, so that this is all there is.
         processes->RemoveLast();
       }},
      {"is no worker's",
       [](auto* state) {
         auto* extra = state->mutable_shell()->add_processes();
         *extra = state->shell().processes(0);
         extra->mutable_id()->set_incarnation(999);
         extra->set_pid(999);
         for (int fd : {100, 101, 102}) {
           state->add_descriptors()->set_number(fd);
         }
         state->mutable_descriptors(state->descriptors_size() - 3)
             ->set_pid(999);
         extra->set_pidfd(100);
         extra->mutable_channel()->set_fd(101);
         extra->mutable_standard_output()->set_fd(102);
       }},
      {"is not listed",
       [](auto* state) {
         state->mutable_shell()->mutable_listeners(0)->set_tcp(4711);
       }},
      {"is somebody else's",
       [](auto* state) {
         auto* process = state->mutable_shell()->mutable_processes(1);
         process->mutable_channel()->set_fd(
             state->shell().processes(0).channel().fd());
       }},
      {"its pidfd is another's",
       [](auto* state) { state->mutable_descriptors(1)->set_pid(4711); }},
      {"listed twice",
       [](auto* state) { *state->add_descriptors() = state->descriptors(0); }},
      {"is used by nobody",
       [](auto* state) { state->add_descriptors()->set_number(4711); }},
      {"plan 9 of 1",
       [](auto* state) {
         state->mutable_shell()->mutable_processes(0)->set_plan(9);
       }},
      {"listener 9 of 1",
       [](auto* state) {
         state->mutable_shell()
             ->mutable_held(0)
             ->mutable_listeners(0)
             ->set_listener(9);
       }},
      {"its queue",
       [](auto* state) {
         state->mutable_shell()
             ->mutable_processes(0)
             ->mutable_channel()
             ->set_written(6);
       }},
      {"no session",
       [](auto* state) { state->mutable_control()->clear_session(); }},
  };
  for (const Contradiction& contradiction : contradictions) {
    state::v1::Handover state = SampleState();
    contradiction.make(&state);
    ExpectRefused(Bytes(state), contradiction.word);
  }
}

}  // namespace
}  // namespace drover::handover
