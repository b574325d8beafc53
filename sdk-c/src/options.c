#include "src/options.h"

#include <stdlib.h>
#include <string.h>

#include "drover_posix.h"

static void* default_allocate(size_t size, void* context) {
  (void)context;
  return malloc(size);
}

static void default_release(void* memory, void* context) {
  (void)context;
  free(memory);
}

void* drvr_allocate(const struct drvr_allocator* allocator, size_t size) {
  return allocator->allocate(size, allocator->context);
}

void drvr_release(const struct drvr_allocator* allocator, void* memory) {
  allocator->release(memory, allocator->context);
}

void drvr_copy_text(char* to, const uint8_t* from, size_t size) {
  size_t length = drvr_cut(from, size, DRVR_TEXT_MAX);
  if (length > 0) memcpy(to, from, length);
  to[length] = '\0';
}

void drvr_copy_string(char* to, const char* from) {
  if (from == NULL) from = "";
  drvr_copy_text(to, (const uint8_t*)from, strlen(from));
}

void drvr_options_defaults(struct drover_options* options) {
  memset(options, 0, sizeof(*options));
  options->allocator.allocate = default_allocate;
  options->allocator.release = default_release;
  drvr_copy_string(options->sdk, "drover-c/" DROVER_VERSION);
  options->pong_source = DROVER_PONG_SOURCE_MAIN_LOOP;
  options->signals = DROVER_SIGNALS_HANDLE;
}

int drover_options_new(drover_options** ret_options) {
  return drover_options_new_with_allocator(default_allocate, default_release,
                                           NULL, ret_options);
}

int drover_options_new_with_allocator(
    void* (*allocate)(size_t size, void* context),
    void (*release)(void* memory, void* context), void* context,
    drover_options** ret_options) {
  drover_options* options;
  if (allocate == NULL || release == NULL || ret_options == NULL) {
    return DROVER_E_INVALID;
  }
  options = allocate(sizeof(*options), context);
  if (options == NULL) return DROVER_E_NOMEM;
  drvr_options_defaults(options);
  options->allocator.allocate = allocate;
  options->allocator.release = release;
  options->allocator.context = context;
  *ret_options = options;
  return 0;
}

void drover_options_free(drover_options* options) {
  struct drvr_allocator allocator;
  if (options == NULL) return;
  allocator = options->allocator;
  drvr_release(&allocator, options);
}

int drover_options_set_name(drover_options* options, const char* name) {
  if (options == NULL || name == NULL) return DROVER_E_INVALID;
  drvr_copy_string(options->name, name);
  return 0;
}

int drover_options_set_version(drover_options* options, const char* version) {
  if (options == NULL || version == NULL) return DROVER_E_INVALID;
  drvr_copy_string(options->version, version);
  return 0;
}

int drover_options_set_sdk(drover_options* options, const char* sdk) {
  if (options == NULL || sdk == NULL) return DROVER_E_INVALID;
  drvr_copy_string(options->sdk, sdk);
  return 0;
}

int drover_options_add_capability(drover_options* options,
                                  uint32_t capability) {
  struct drvr_numbers* list;
  uint32_t i;
  if (options == NULL || capability == 0) return DROVER_E_INVALID;
  list = &options->capabilities;
  for (i = 0; i < list->count; i++) {
    if (list->items[i] == capability) return 0;
  }
  if (list->count == DRVR_CAPABILITIES_MAX) return DROVER_E_LIMIT;
  list->items[list->count++] = capability;
  return 0;
}

int drover_options_set_pong_source(drover_options* options, int source) {
  if (options == NULL || (source != DROVER_PONG_SOURCE_MAIN_LOOP &&
                          source != DROVER_PONG_SOURCE_THREAD)) {
    return DROVER_E_INVALID;
  }
  options->pong_source = source;
  return 0;
}

int drover_options_set_pid(drover_options* options, uint32_t pid) {
  if (options == NULL) return DROVER_E_INVALID;
  options->pid = pid;
  return 0;
}

int drover_options_set_signals(drover_options* options, int signals) {
  if (options == NULL ||
      (signals != DROVER_SIGNALS_LEAVE && signals != DROVER_SIGNALS_HANDLE)) {
    return DROVER_E_INVALID;
  }
  options->signals = signals;
  return 0;
}
