/* Every limit that is checked before anything is believed or allocated, in one place. */
#ifndef DEN_BASE_LIMITS_H
#define DEN_BASE_LIMITS_H

/* Names and texts */
#define LIMIT_NAME 32          /* bytes of a person's name */
#define LIMIT_ROOM 64          /* bytes of a room's name */
#define LIMIT_CLIP 64          /* bytes of a clip's name */
#define LIMIT_TITLE 128        /* bytes of a clip's title */
#define LIMIT_REASON 256       /* bytes of the sentence in an ERROR, REFUSED or QUIT */
#define LIMIT_PEM 1024         /* bytes of a public key as PEM (451 for ours) */
#define LIMIT_KEY_FILE 8192    /* bytes of a private key file */
#define LIMIT_LINE (70 * 1024) /* bytes of one line that a person types or pipes in */

/* Keys and envelopes */
#define SIZE_FINGERPRINT 32
#define SIZE_SPKI 294      /* DER SubjectPublicKeyInfo of an RSA-2048 key with e = 65537 */
#define SIZE_SIGNATURE 256 /* RSA-2048 */
#define SIZE_WRAPPED 256   /* RSA-2048 OAEP */
#define SIZE_EXPORTER 32
#define SIZE_INVITATION 16
#define LIMIT_TALK 4096           /* bytes of a line to the server or from it */
#define LIMIT_BODY (64 * 1024)    /* bytes of an envelope's body */
#define LIMIT_SEALED (98304 + 16) /* bytes of its ciphertext: largest size class and tag */
#define LIMIT_SLOTS 4096          /* wrapped keys of one envelope to all */
#define LIMIT_HINTS 4             /* slots that one receiver is given of it */
#define LIMIT_MARKS 512           /* states of a list of bindings in one testimony */
#define LIMIT_ENVELOPE (LIMIT_SEALED + LIMIT_SLOTS * 260 + 64)

/* Encrypted private keys */
#define LIMIT_PASSPHRASE 1024       /* bytes */
#define LIMIT_SALT_LEAST 8          /* bytes of salt */
#define LIMIT_SALT 64               /* the same at most */
#define LIMIT_ITERATIONS_LEAST 1000 /* of PBKDF2 */
#define LIMIT_ITERATIONS 10000000   /* the same at most: some 6 s here, a minute on a Pi */

/* The wire */
#define LIMIT_HELLO 4096                     /* payload of any message before the room is entered */
#define LIMIT_MESSAGE (LIMIT_ENVELOPE + 256) /* payload of the largest message */
#define LIMIT_LIST (64 * 1024)               /* payload of one part of a list */
#define LIMIT_CHUNK (16 * 1024)              /* payload of a piece of a frame */

/* The room */
#define LIMIT_MEMBERS 10000
#define LIMIT_BINDINGS 100000             /* names that one server remembers */
#define LIMIT_NEW_NAMES 256               /* of them that one address may bind at once */
#define LIMIT_BANS 10000                  /* keys that one server refuses */
#define LIMIT_INVITES 1000                /* invitations that one server keeps */
#define LIMIT_INVITE_DAYS 3650            /* for which one of them holds */
#define LIMIT_COMMAND 1024                /* bytes of a line of the operator's */
#define LIMIT_ANSWER (4 * 1024 * 1024)    /* bytes of the answer to it */
#define LIMIT_QUEUE (8 * 1024 * 1024)     /* bytes that wait for one slow session */
#define LIMIT_HOARD (16 * 1024 * 1024)    /* bytes of large messages that all have begun */
#define LIMIT_WAITING (16 * 1024 * 1024)  /* bytes of envelopes that wait for their turn */
#define LIMIT_STRANGERS 256               /* links that have not finished the hello */
#define LIMIT_STRANGERS_ADDRESS 64        /* the same from one address */
#define LIMIT_HELLO_SECONDS 10            /* for TLS and hello together */
#define LIMIT_ROOM_RATE 20                /* envelopes a second of all members together */
#define LIMIT_MESSAGE_RATE 500            /* messages a second of one session */
#define LIMIT_BYTE_RATE (4 * 1024 * 1024) /* bytes a second of one session */

/* Direct chats */
#define LIMIT_TEXT (16 * 1024)         /* bytes of one line */
#define LIMIT_TEXT_MESSAGE (17 * 1024) /* payload of the message that it comes in */
#define LIMIT_KNOCKS 8                 /* links to us that have not proven who calls */
#define LIMIT_KNOCKS_ADDRESS 4         /* the same from one address */
#define LIMIT_CHATS 16                 /* calls and chats at once */
#define LIMIT_RING_SECONDS 60          /* until a call counts as not answered */
#define LIMIT_RINGING 8                /* of them, others' that were not answered yet */
#define LIMIT_RINGING_KEY 2            /* of one key, under whatever names */
#define LIMIT_RINGS 16                 /* calls of one key that ring, one after the other */
#define LIMIT_RING_GAP_SECONDS 5       /* for each further one */
#define LIMIT_CHAT_QUEUE (1024 * 1024) /* bytes that wait for one slow peer */

/* Files, over direct links */
#define SIZE_FILE_TOKEN 16
#define LIMIT_FILE_NAME 255         /* bytes of a file's name */
#define LIMIT_PARCEL_SIZE INT64_MAX /* bytes of a file */
#define LIMIT_OFFERS 16             /* files of one link that are not over yet */
#define LIMIT_OFFERS_VAIN 16        /* offers of one link that came to nothing before its end */
#define LIMIT_FILES_AT_ONCE 4       /* files of one link whose bytes flow */
#define LIMIT_FILE_LINKS 16         /* links on which files come at once */
#define LIMIT_FILE_IDLE_SECONDS 60  /* that a link may be without one */
#define LIMIT_PARCELS 1000          /* files that one den knows of, either way */

/* Video */
#define LIMIT_RENDITIONS 6
#define LIMIT_HEIGHT 4320 /* a rendition's height in pixels */
#define LIMIT_WIDTH 8192
#define LIMIT_PIXELS (8192 * 4320)      /* one picture */
#define LIMIT_FRAME (8 * 1024 * 1024)   /* bytes of one JPEG frame */
#define LIMIT_FRAMES 10000000           /* frames of a rendition: 46 hours at 60 fps */
#define LIMIT_CLIPS 10000               /* clips of a library */
#define LIMIT_CONF (16 * 1024)          /* bytes of a clip.conf, dend.conf or den.conf */
#define LIMIT_STREAMS 4                 /* clips that one session plays at once */
#define LIMIT_CREDIT (64 * 1024 * 1024) /* bytes of credit that a viewer may have open */

/* Live pictures */
#define LIMIT_CASTS 64                       /* of a room at once */
#define LIMIT_CASTS_OWN 4                    /* of one session */
#define LIMIT_WATCHERS 1024                  /* of one cast */
#define LIMIT_CAST_BYTES (256 * 1024 * 1024) /* of frames that a server holds for all of them */
#define LIMIT_GRANT (1024 * 1024)            /* bytes that a caster may have open */

#endif
