#include <string.h>

#include "src/codec.h"
#include "src/schema.h"
#include "src/text.h"

enum wire {
  VARINT = 0,
  FIXED64 = 1,
  SIZED = 2,
  BEGIN = 3,
  END = 4,
  FIXED32 = 5
};

/* How deep unknown groups may nest in all; libprotobuf's limit. */
#define DEPTH_MAX 100

struct cursor {
  const uint8_t* at;
  const uint8_t* end;
};

static int decode_fields(struct cursor in, const struct drvr_schema* schema,
                         void* out, int depth);

/* Bits beyond the 64th are dropped, an eleventh byte is an error. */
static int read_varint(struct cursor* in, int bytes_max, uint64_t* ret_value) {
  uint64_t value = 0;
  int i;
  for (i = 0; i < bytes_max && in->at < in->end; i++) {
    uint8_t byte = *in->at++;
    value |= (uint64_t)(byte & 127) << (7 * i);
    if (byte < 128) {
      *ret_value = value;
      return 1;
    }
  }
  return 0;
}

static int read_tag(struct cursor* in, uint32_t* ret_tag) {
  uint64_t value;
  if (!read_varint(in, 5, &value)) return 0;
  *ret_tag = (uint32_t)value;
  return *ret_tag >> 3 != 0;
}

static int read_sized(struct cursor* in, struct cursor* ret_content) {
  uint64_t size;
  if (!read_varint(in, 5, &size)) return 0;
  if (size > (uint64_t)(in->end - in->at)) return 0;
  ret_content->at = in->at;
  ret_content->end = in->at += size;
  return 1;
}

static int skip_bytes(struct cursor* in, ptrdiff_t count) {
  if (in->end - in->at < count) return 0;
  in->at += count;
  return 1;
}

static int skip_simple(struct cursor* in, uint32_t wire) {
  struct cursor ignored;
  uint64_t value;
  switch (wire) {
    case VARINT:
      return read_varint(in, 10, &value);
    case FIXED64:
      return skip_bytes(in, 8);
    case SIZED:
      return read_sized(in, &ignored);
    case FIXED32:
      return skip_bytes(in, 4);
    default:
      return 0;
  }
}

/* Skips the field of `tag`, a whole group if it begins one. */
static int skip_field(struct cursor* in, uint32_t tag, int depth) {
  uint32_t open[DEPTH_MAX];
  int count = 0;
  for (;;) {
    switch (tag & 7) {
      case BEGIN:
        if (count == depth) return 0;
        open[count++] = tag >> 3;
        break;
      case END:
        if (count == 0 || open[--count] != tag >> 3) return 0;
        break;
      default:
        if (!skip_simple(in, tag & 7)) return 0;
    }
    if (count == 0) return 1;
    if (!read_tag(in, &tag)) return 0;
  }
}

static uint32_t wire_of(int kind) {
  switch (kind) {
    case DRVR_U32:
    case DRVR_U64:
    case DRVR_BOOL:
      return VARINT;
    case DRVR_DOUBLE:
      return FIXED64;
    default:
      return SIZED;
  }
}

static const struct drvr_field* find_field(const struct drvr_schema* schema,
                                           uint32_t tag) {
  int i;
  for (i = 0; i < schema->count; i++) {
    const struct drvr_field* field = &schema->fields[i];
    if (field->number != tag >> 3) continue;
    if (wire_of(field->kind) == (tag & 7)) return field;
    /* One number by itself is a repeated number too. */
    return field->kind == DRVR_NUMBERS && (tag & 7) == VARINT ? field : NULL;
  }
  return NULL;
}

static int decode_number(struct cursor* in, int kind, void* place) {
  uint64_t value;
  if (!read_varint(in, 10, &value)) return 0;
  if (kind == DRVR_U64) {
    *(uint64_t*)place = value;
  } else {
    *(uint32_t*)place = kind == DRVR_BOOL ? value != 0 : (uint32_t)value;
  }
  return 1;
}

static int append_number(struct cursor* in, struct drvr_numbers* numbers) {
  uint64_t value;
  if (!read_varint(in, 10, &value)) return 0;
  if (numbers->count < DRVR_CAPABILITIES_MAX) {
    numbers->items[numbers->count++] = (uint32_t)value;
  }
  return 1;
}

static int decode_packed(struct cursor in, struct drvr_numbers* numbers) {
  while (in.at < in.end) {
    if (!append_number(&in, numbers)) return 0;
  }
  return 1;
}

static int decode_listener(struct cursor content,
                           const struct drvr_field* field,
                           struct drvr_listeners* list, int depth) {
  struct drvr_listener item;
  memset(&item, 0, sizeof(item));
  if (!decode_fields(content, field->message, &item, depth)) return 0;
  if (list->count < field->capacity) list->items[list->count++] = item;
  return 1;
}

/* Another body than the last one replaces it, the same one is merged. */
static int decode_body(struct cursor content, const struct drvr_field* field,
                       struct drvr_to_worker* envelope, int depth) {
  if (envelope->body != field->number) {
    envelope->body = field->number;
    memset(&envelope->as, 0, field->message->size);
  }
  return decode_fields(content, field->message, &envelope->as, depth);
}

static int decode_sized(struct cursor content, const struct drvr_field* field,
                        uint8_t* out, int depth) {
  void* place = out + field->offset;
  struct drvr_bytes* bytes = place;
  switch (field->kind) {
    case DRVR_STRING:
      if (!drvr_is_utf8(content.at, (size_t)(content.end - content.at))) {
        return 0;
      }
      /* fallthrough */
    case DRVR_BYTES:
      bytes->data = content.at;
      bytes->size = (uint32_t)(content.end - content.at);
      return 1;
    case DRVR_NUMBERS:
      return decode_packed(content, place);
    case DRVR_MESSAGE:
      return decode_fields(content, field->message, place, depth - 1);
    case DRVR_LIST: /* Welcome.listeners is the one that a worker reads */
      return decode_listener(content, field, place, depth - 1);
    default:
      return decode_body(content, field, (struct drvr_to_worker*)(void*)out,
                         depth - 1);
  }
}

static int decode_fields(struct cursor in, const struct drvr_schema* schema,
                         void* out, int depth) {
  while (in.at < in.end) {
    const struct drvr_field* field;
    struct cursor content;
    uint32_t tag;
    int ok;
    if (!read_tag(&in, &tag)) return 0;
    field = find_field(schema, tag);
    if (field == NULL) {
      ok = skip_field(&in, tag, depth);
    } else if ((tag & 7) == SIZED) {
      ok =
          read_sized(&in, &content) && decode_sized(content, field, out, depth);
    } else if (field->kind == DRVR_NUMBERS) {
      ok = append_number(
          &in, (struct drvr_numbers*)(void*)((uint8_t*)out + field->offset));
    } else {
      ok = decode_number(&in, field->kind, (uint8_t*)out + field->offset);
    }
    if (!ok) return 0;
  }
  return 1;
}

int drvr_decode(const uint8_t* data, size_t size,
                struct drvr_to_worker* message) {
  struct cursor in;
  in.at = data;
  in.end = data + size;
  message->op = 0;
  message->re = 0;
  message->body = 0;
  return decode_fields(in, &drvr_to_worker_schema, message, DEPTH_MAX);
}
