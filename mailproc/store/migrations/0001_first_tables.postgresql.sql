-- The first tables. Blobs stand last, so that reading the other columns of a row does not walk over them.

CREATE TABLE "folder_state" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "mailbox" VARCHAR(64) NOT NULL,
    "folder" VARCHAR(255) NOT NULL,
    "uidvalidity" BIGINT NOT NULL,
    "acts_from" TIMESTAMPTZ NOT NULL,
    "found_to" BIGINT NOT NULL DEFAULT 0,
    "last_uid" BIGINT NOT NULL DEFAULT 0,
    UNIQUE ("mailbox", "folder")
);

CREATE TABLE "inbound_mail" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "mailbox" VARCHAR(64) NOT NULL,
    "folder" VARCHAR(255) NOT NULL,
    "uidvalidity" BIGINT NOT NULL,
    "uid" BIGINT NOT NULL,
    "size" INT NOT NULL,
    "oversize" BOOL NOT NULL DEFAULT FALSE,
    "content_hash" VARCHAR(64) NOT NULL,
    "arrived_at" TIMESTAMPTZ NOT NULL,
    "spooled_at" TIMESTAMPTZ NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "attempts" INT NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ NOT NULL,
    "outcome" VARCHAR(24) NOT NULL,
    "reason" TEXT NOT NULL,
    "ticket_id" INT,
    "filed" BOOL NOT NULL DEFAULT FALSE,
    "claimed_by" VARCHAR(64) NOT NULL DEFAULT '',
    "content" BYTEA NOT NULL,
    UNIQUE ("mailbox", "folder", "uidvalidity", "uid")
);
CREATE INDEX "inbound_due" ON "inbound_mail" ("state", "id");
CREATE INDEX "inbound_content" ON "inbound_mail" ("mailbox", "content_hash");
CREATE INDEX "inbound_unfiled" ON "inbound_mail" ("mailbox", "filed", "id");

CREATE TABLE "held_mail" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "inbound_id" INT NOT NULL UNIQUE,
    "agent" VARCHAR(64) NOT NULL,
    "ticket_id" INT NOT NULL,
    "note" BOOL NOT NULL DEFAULT FALSE,
    "held_at" TIMESTAMPTZ NOT NULL,
    "until" TIMESTAMPTZ NOT NULL,
    "asked_at" TIMESTAMPTZ,
    "side_id" INT,
    "because" VARCHAR(24) NOT NULL DEFAULT '',
    "settled_at" TIMESTAMPTZ
);
CREATE INDEX "held_mail_asked" ON "held_mail" ("agent", "asked_at");

CREATE TABLE "suppressed_address" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "address" VARCHAR(320) NOT NULL UNIQUE,
    "since" TIMESTAMPTZ NOT NULL,
    "until" TIMESTAMPTZ NOT NULL,
    "words" TEXT NOT NULL
);

CREATE TABLE "automatic_letter" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "domain" VARCHAR(320) NOT NULL,
    "ticket_id" INT NOT NULL,
    "letter" VARCHAR(24) NOT NULL,
    "stranger" BOOL NOT NULL,
    "held" BOOL NOT NULL,
    "answered" BOOL NOT NULL DEFAULT FALSE
);
CREATE INDEX "automatic_letter_address" ON "automatic_letter" ("address", "at");
CREATE INDEX "automatic_letter_answered" ON "automatic_letter" ("address", "answered");
CREATE INDEX "automatic_letter_domain" ON "automatic_letter" ("domain", "held", "at", "stranger");
CREATE INDEX "automatic_letter_ticket" ON "automatic_letter" ("ticket_id", "at");
CREATE INDEX "automatic_letter_at" ON "automatic_letter" ("held", "at", "stranger");

CREATE TABLE "stopped_letter" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "reason" VARCHAR(80) NOT NULL
);
CREATE INDEX "stopped_letter_at" ON "stopped_letter" ("at");

CREATE TABLE "person" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "address" VARCHAR(320) NOT NULL UNIQUE,
    "written" VARCHAR(320) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "time_zone" VARCHAR(64) NOT NULL,
    "organisation" VARCHAR(200) NOT NULL DEFAULT '',
    "vip" BOOL NOT NULL DEFAULT FALSE,
    "blocked_by" VARCHAR(64) NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ NOT NULL
);

CREATE TABLE "ticket" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "customer_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE RESTRICT,
    "previous_id" INT REFERENCES "ticket" ("id") ON DELETE SET NULL,
    "mailbox" VARCHAR(64) NOT NULL,
    "team" VARCHAR(64) NOT NULL,
    "subject" VARCHAR(255) NOT NULL,
    "subject_key" VARCHAR(64) NOT NULL,
    "status" VARCHAR(24) NOT NULL,
    "outcome" VARCHAR(24) NOT NULL,
    "owner" VARCHAR(64) NOT NULL,
    "language" VARCHAR(16) NOT NULL,
    "priority" VARCHAR(2) NOT NULL,
    "category" VARCHAR(64) NOT NULL DEFAULT '',
    "issue_type" VARCHAR(64) NOT NULL DEFAULT '',
    "product" VARCHAR(64) NOT NULL DEFAULT '',
    "tags" VARCHAR(500) NOT NULL DEFAULT '',
    "cause" VARCHAR(200) NOT NULL DEFAULT '',
    "minutes_spent" INT NOT NULL DEFAULT 0,
    "article_wanted" BOOL NOT NULL DEFAULT FALSE,
    "restricted" BOOL NOT NULL DEFAULT FALSE,
    "eta_at" TIMESTAMPTZ,
    "snoozed_until" TIMESTAMPTZ,
    "merged_into_id" INT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "promised_at" TIMESTAMPTZ,
    "answered_at" TIMESTAMPTZ,
    "resolved_at" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "archived_at" TIMESTAMPTZ,
    "round" INT NOT NULL DEFAULT 0,
    "reopened" INT NOT NULL DEFAULT 0,
    "resolved_by" VARCHAR(64) NOT NULL,
    "resolvers" TEXT NOT NULL,
    "thread" TEXT NOT NULL,
    "begun_by_answer" BOOL NOT NULL DEFAULT FALSE,
    "proven" BOOL NOT NULL DEFAULT FALSE,
    "unconfirmed" BOOL NOT NULL DEFAULT FALSE,
    "rounds_begun" INT NOT NULL DEFAULT 0
);
CREATE INDEX "ticket_status" ON "ticket" ("status", "updated_at");
CREATE INDEX "ticket_subject" ON "ticket" ("customer_id", "subject_key", "updated_at");
CREATE INDEX "ticket_owner" ON "ticket" ("owner", "status");
CREATE INDEX "ticket_customer" ON "ticket" ("customer_id", "created_at");
CREATE INDEX "ticket_merged" ON "ticket" ("merged_into_id");
CREATE INDEX "ticket_team" ON "ticket" ("team", "status", "promised_at");
CREATE INDEX "ticket_resolver" ON "ticket" ("resolved_by", "resolved_at");

CREATE TABLE "ticket_link" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "other_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "linked_at" TIMESTAMPTZ NOT NULL,
    UNIQUE ("ticket_id", "other_id")
);
CREATE INDEX "ticket_link_other" ON "ticket_link" ("other_id");

CREATE TABLE "side_conversation" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    "agent" VARCHAR(64) NOT NULL,
    "thread" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "answered_at" TIMESTAMPTZ
);
CREATE INDEX "side_conversation_of_ticket" ON "side_conversation" ("ticket_id", "id");

CREATE TABLE "agent_action" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "agent" VARCHAR(64) NOT NULL,
    "inbound_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    "undone_at" TIMESTAMPTZ
);
CREATE INDEX "agent_action_of_ticket" ON "agent_action" ("ticket_id", "id");

CREATE TABLE "agent_state" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "agent" VARCHAR(64) NOT NULL UNIQUE,
    "away_since" TIMESTAMPTZ,
    "away_until" TIMESTAMPTZ,
    "away_by" VARCHAR(8) NOT NULL DEFAULT '',
    "quiet" BOOL NOT NULL DEFAULT FALSE,
    "only_mine" BOOL NOT NULL DEFAULT FALSE,
    "digest_at" VARCHAR(5) NOT NULL DEFAULT '',
    "digest_sent_at" TIMESTAMPTZ
);

CREATE TABLE "muted_ticket" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "agent" VARCHAR(64) NOT NULL,
    UNIQUE ("agent", "ticket_id")
);

CREATE TABLE "digest" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "agent" VARCHAR(64) NOT NULL,
    "sent_at" TIMESTAMPTZ NOT NULL,
    "tickets" TEXT NOT NULL
);

CREATE TABLE "participant" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "added_at" TIMESTAMPTZ NOT NULL,
    UNIQUE ("ticket_id", "person_id")
);

CREATE TABLE "ticket_message" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "inbound_id" INT,
    "kind" VARCHAR(12) NOT NULL,
    "side_id" INT,
    "private" BOOL NOT NULL DEFAULT FALSE,
    "author" VARCHAR(320) NOT NULL,
    "author_name" VARCHAR(200) NOT NULL,
    "text" TEXT NOT NULL,
    "full_text" TEXT NOT NULL,
    "attachments" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "ticket_message_order" ON "ticket_message" ("ticket_id", "id");

CREATE TABLE "known_message_id" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "digest" VARCHAR(64) NOT NULL,
    "awaited" BOOL NOT NULL DEFAULT FALSE
);
CREATE INDEX "known_message_id_digest" ON "known_message_id" ("digest");

CREATE TABLE "history_entry" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT,
    "at" TIMESTAMPTZ NOT NULL,
    "kind" VARCHAR(24) NOT NULL,
    "actor" VARCHAR(320) NOT NULL,
    "text" TEXT NOT NULL,
    "reason" VARCHAR(64) NOT NULL,
    "inbound_id" INT,
    "outbox_id" INT
);
CREATE INDEX "history_of_ticket" ON "history_entry" ("ticket_id", "id");
CREATE INDEX "history_of_inbound" ON "history_entry" ("inbound_id");

CREATE TABLE "outbox_mail" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(200) NOT NULL UNIQUE,
    "ticket_id" INT,
    "mailbox" VARCHAR(64) NOT NULL,
    "letter" VARCHAR(24) NOT NULL,
    "mail_class" VARCHAR(12) NOT NULL,
    "sender" VARCHAR(320) NOT NULL,
    "recipient" VARCHAR(320) NOT NULL,
    "message_id" TEXT NOT NULL,
    "message_digest" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "not_before" TIMESTAMPTZ,
    "state" VARCHAR(12) NOT NULL,
    "attempts" INT NOT NULL DEFAULT 0,
    "doubts" INT NOT NULL DEFAULT 0,
    "handing_over" BOOL NOT NULL DEFAULT FALSE,
    "next_attempt_at" TIMESTAMPTZ NOT NULL,
    "reply" TEXT NOT NULL,
    "late_told" BOOL NOT NULL DEFAULT FALSE,
    "sent_at" TIMESTAMPTZ,
    "claimed_by" VARCHAR(64) NOT NULL DEFAULT '',
    "copy_due_at" TIMESTAMPTZ,
    "copy_attempts" INT NOT NULL DEFAULT 0
);
CREATE INDEX "outbox_due" ON "outbox_mail" ("mailbox", "state", "next_attempt_at");
CREATE INDEX "outbox_of_ticket" ON "outbox_mail" ("ticket_id", "id");
CREATE INDEX "outbox_message" ON "outbox_mail" ("message_digest");
CREATE INDEX "outbox_uncopied" ON "outbox_mail" ("mailbox", "copy_due_at");

CREATE TABLE "outbox_content" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "content" BYTEA NOT NULL
);

CREATE TABLE "deadline" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "key" VARCHAR(120) NOT NULL UNIQUE,
    "kind" VARCHAR(24) NOT NULL,
    "round" INT NOT NULL,
    "set_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "done_at" TIMESTAMPTZ,
    "attempts" INT NOT NULL DEFAULT 0,
    "agent" VARCHAR(64) NOT NULL DEFAULT '',
    "note" TEXT NOT NULL
);
CREATE INDEX "deadline_due" ON "deadline" ("done_at", "due_at");
CREATE INDEX "deadline_of_ticket" ON "deadline" ("ticket_id", "kind");

CREATE TABLE "rating" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    "ticket_id" INT NOT NULL REFERENCES "ticket" ("id") ON DELETE CASCADE,
    "round" INT NOT NULL,
    "agent" VARCHAR(64) NOT NULL,
    "team" VARCHAR(64) NOT NULL,
    "score" INT NOT NULL,
    "comment" TEXT NOT NULL,
    "rated_at" TIMESTAMPTZ NOT NULL,
    UNIQUE ("ticket_id", "round", "person_id")
);
CREATE INDEX "rating_of_agent" ON "rating" ("agent", "rated_at");

CREATE TABLE "node" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(64) NOT NULL UNIQUE,
    "until" TIMESTAMPTZ NOT NULL
);

CREATE TABLE "mailbox_lease" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "mailbox" VARCHAR(64) NOT NULL UNIQUE,
    "node" VARCHAR(64) NOT NULL,
    "heard_until" TIMESTAMPTZ
);

CREATE TABLE "health" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "well_at" TIMESTAMPTZ,
    "trouble" TEXT NOT NULL,
    "trouble_since" TIMESTAMPTZ,
    "certificate_until" TIMESTAMPTZ
);

CREATE TABLE "alert" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "told_at" TIMESTAMPTZ NOT NULL,
    "open" BOOL NOT NULL
);
