// The part of the command line that one program of the process writes for the
// next. Nobody types it.
#ifndef SUPERVISOR_MAIN_TAKE_OVER_ARGUMENTS_H_
#define SUPERVISOR_MAIN_TAKE_OVER_ARGUMENTS_H_

#include <string>
#include <vector>

namespace drover {

struct TakeOverArguments {
  // Only says whether it could take over.
  bool check = false;
  // Descriptors: the sealed state; the former program, or -1 in that program
  // itself.
  int state = -1;
  int former = -1;
  // In the former program: why the new one could not.
  std::string failed;
};

// Takes them out of `arguments`, of which the rest is the program's own.
TakeOverArguments TakeOut(std::vector<std::string>* arguments);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_TAKE_OVER_ARGUMENTS_H_
