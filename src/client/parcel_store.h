/* What is known of a file that was agreed upon, kept on disk until it is over: so that it goes on in
 * another run. One small file each, DIR/parcels/ID.out or .in, little-endian:
 *
 *     magic "DENPARCL" (8), version 1 (4), flags (4): 1 goes out, 2 by a one-shot
 *     the room's server's fingerprint (32), the other's (32), token (16)
 *     size, mtime, agreed size (8 each), the other's name (33) and the file's (256), with NULs
 *     length (2) and bytes of the path: of the file that goes out, of the directory that it comes into
 *     CRC-32C of all that (4) */
#ifndef DEN_CLIENT_PARCEL_STORE_H
#define DEN_CLIENT_PARCEL_STORE_H

#include <stdbool.h>

#include "client/parcel.h"

#define PARCEL_RECORD (PATHS_MAX + 512)

struct client;

/* Names the record and the partial file. False, and there is no record, if nothing is kept here. */
bool parcel_store_name(struct parcel *p);
/* Writes the record into p->record: the worker puts it onto the disk. */
void parcel_store_keep(struct parcel *p);
/* Adds all that wait: what comes in, and what goes out in this room, by us or, with `once`, by a one-shot.
 * What is damaged is passed over. */
void parcel_store_load(struct client *c, bool once);

#endif
