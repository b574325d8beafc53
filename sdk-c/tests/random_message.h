// Random messages, and damage to their bytes; the same for the same seed.
#ifndef DROVER_TESTS_RANDOM_MESSAGE_H_
#define DROVER_TESTS_RANDOM_MESSAGE_H_

#include <random>
#include <string>

#include "google/protobuf/message.h"

namespace drover_tests {

// Sets each field, at random, to nothing, a corner or anything.
void Fill(google::protobuf::Message* message, std::mt19937* random);

// One to three small changes: bits, bytes, cuts, repetitions, unknown fields.
void Damage(std::string* bytes, std::mt19937* random);

}  // namespace drover_tests

#endif  // DROVER_TESTS_RANDOM_MESSAGE_H_
