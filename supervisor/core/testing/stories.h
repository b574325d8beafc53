// The traces in testdata/, for tests that run where Bazel lays them out.
#ifndef SUPERVISOR_CORE_TESTING_STORIES_H_
#define SUPERVISOR_CORE_TESTING_STORIES_H_

#include <string>
#include <vector>

namespace drover::core {

// Their names, sorted.
std::vector<std::string> Stories();

// "supervisor/core/testdata/NAME.trace"
std::string StoryFile(const std::string& name);

std::string ReadStory(const std::string& name);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_STORIES_H_
