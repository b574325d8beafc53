// Prints the transition table.
#include <iostream>

#include "supervisor/core/transition_table.h"

int main() { std::cout << drover::core::PrintTable(); }
