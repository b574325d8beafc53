/*
 * worker.proto as tables: for each message its fields, each with its number,
 * its kind and its place in the struct of message.h. The codec knows nothing
 * else about the protocol. A test holds the tables to worker.proto. They have
 * no names, which would cost a library of 40 kB a tenth of its size.
 */
#ifndef DROVER_SRC_SCHEMA_H_
#define DROVER_SRC_SCHEMA_H_

#include <stddef.h>
#include <stdint.h>

enum drvr_kind {
  DRVR_U32,     /* uint32, enum */
  DRVR_U64,     /* uint64 */
  DRVR_BOOL,    /* bool, as uint32_t 0 or 1 */
  DRVR_DOUBLE,  /* double */
  DRVR_BYTES,   /* bytes */
  DRVR_STRING,  /* string: bytes that must be UTF-8 */
  DRVR_NUMBERS, /* repeated uint32, packed when written */
  DRVR_MESSAGE, /* message */
  DRVR_LIST,    /* repeated message */
  DRVR_BODY     /* message in the envelope's oneof */
};

struct drvr_schema;

struct drvr_field {
  const struct drvr_schema* message; /* of the kinds MESSAGE, LIST and BODY */
  uint16_t offset;
  uint16_t capacity; /* of the kinds NUMBERS and LIST */
  uint8_t number;
  uint8_t kind;
};

struct drvr_schema {
  const struct drvr_field* fields;
  uint16_t size; /* of the struct */
  uint8_t count;
};

extern const struct drvr_schema drvr_to_worker_schema;
extern const struct drvr_schema drvr_to_supervisor_schema;

#endif /* DROVER_SRC_SCHEMA_H_ */
