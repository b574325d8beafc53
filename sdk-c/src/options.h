/* What drover_options holds. */
#ifndef DROVER_SRC_OPTIONS_H_
#define DROVER_SRC_OPTIONS_H_

#include "drover.h"
#include "src/message.h"
#include "src/text.h"

struct drvr_allocator {
  void* (*allocate)(size_t size, void* context);
  void (*release)(void* memory, void* context);
  void* context;
};

struct drover_options {
  struct drvr_allocator allocator;
  char name[DRVR_TEXT_MAX + 1];
  char version[DRVR_TEXT_MAX + 1];
  char sdk[DRVR_TEXT_MAX + 1];
  struct drvr_numbers capabilities;
  uint32_t pid;
  int pong_source;
  int signals;
};

/* What holds where the program gave no options. */
void drvr_options_defaults(struct drover_options* options);

void* drvr_allocate(const struct drvr_allocator* allocator, size_t size);
void drvr_release(const struct drvr_allocator* allocator, void* memory);

/* Copies a text into a buffer of DRVR_TEXT_MAX + 1 bytes, cut and terminated;
 * a NUL inside ends it. */
void drvr_copy_text(char* to, const uint8_t* from, size_t size);

/* As above; NULL is "". */
void drvr_copy_string(char* to, const char* from);

#endif /* DROVER_SRC_OPTIONS_H_ */
