CREATE TYPE "public"."call_outcome" AS ENUM('applied', 'rejected', 'unknown');--> statement-breakpoint
CREATE TYPE "public"."decision" AS ENUM('approve', 'deny');--> statement-breakpoint
CREATE TYPE "public"."request_status" AS ENUM('blocked', 'pending', 'approved', 'executing', 'succeeded', 'failed', 'unknown', 'denied', 'expired', 'cancelled', 'stale');--> statement-breakpoint
CREATE TYPE "public"."risk" AS ENUM('low', 'medium', 'high', 'critical');--> statement-breakpoint
CREATE TABLE "agent_credentials" (
	"id" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "agent_credentials_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "agents" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"owner_id" text,
	"acts_for_id" text,
	"can_write" boolean DEFAULT true NOT NULL,
	"toolsets" text[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "answer_secrets" (
	"request_id" text NOT NULL,
	"label" text NOT NULL,
	"ciphertext" text,
	"revealed_at" timestamp with time zone,
	"revealed_by" text,
	CONSTRAINT "answer_secrets_request_id_label_pk" PRIMARY KEY("request_id","label"),
	CONSTRAINT "shown_once_and_gone" CHECK ((revealed_at is null) = (ciphertext is not null) and (revealed_at is null) = (revealed_by is null))
);
--> statement-breakpoint
CREATE TABLE "approval_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"tool" text NOT NULL,
	"tool_version" integer NOT NULL,
	"canonical" text NOT NULL,
	"digest" text NOT NULL,
	"arguments_digest" text NOT NULL,
	"idempotency_key" text,
	"supersede_key" text,
	"agent_reason" text,
	"risk" "risk" NOT NULL,
	"risk_reasons" jsonb NOT NULL,
	"reviews_required" smallint NOT NULL,
	"summary" jsonb NOT NULL,
	"before" jsonb NOT NULL,
	"undo" jsonb NOT NULL,
	"escalation_policy_ids" text[] NOT NULL,
	"findings" jsonb NOT NULL,
	"owner_id" text,
	"acts_for_id" text,
	"linked_to" text,
	"proposed_by" text,
	"status" "request_status" NOT NULL,
	"version" integer NOT NULL,
	"because" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"approved_at" timestamp with time zone,
	"approval_expires_at" timestamp with time zone,
	"settle_after" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"result" jsonb,
	"leased_until" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "digest_is_sha256" CHECK (digest ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "canonical_size" CHECK (octet_length(canonical) <= 131072),
	CONSTRAINT "version_starts_at_one" CHECK (version >= 1),
	CONSTRAINT "at_least_one_review" CHECK (reviews_required >= 1),
	CONSTRAINT "expiry_after_creation" CHECK (expires_at > created_at),
	CONSTRAINT "approval_has_a_term" CHECK (status not in ('approved', 'executing', 'succeeded', 'unknown') or (approved_at is not null and approval_expires_at is not null)),
	CONSTRAINT "a_proposal_undoes_something" CHECK (proposed_by is null or linked_to is not null),
	CONSTRAINT "unknown_is_settled_later" CHECK (status <> 'unknown' or settle_after is not null),
	CONSTRAINT "final_is_finished" CHECK ((status in ('blocked', 'succeeded', 'failed', 'denied', 'expired', 'cancelled', 'stale')) = (finished_at is not null))
);
--> statement-breakpoint
CREATE TABLE "summonses" (
	"request_id" text NOT NULL,
	"person_id" text NOT NULL,
	"level" smallint NOT NULL,
	"summoned_at" timestamp with time zone NOT NULL,
	"nudged_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"handed_to" text,
	CONSTRAINT "summonses_request_id_person_id_pk" PRIMARY KEY("request_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"request_id" text PRIMARY KEY NOT NULL,
	"fence" text NOT NULL,
	"worker" text NOT NULL,
	"from_email" text NOT NULL,
	"from_user_id" text NOT NULL,
	"digest" text NOT NULL,
	"claimed_at" timestamp with time zone NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" "call_outcome",
	"http_status" integer,
	"pagerduty_request_id" text
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"version" integer NOT NULL,
	"from_status" "request_status",
	"to_status" "request_status" NOT NULL,
	"actor" jsonb NOT NULL,
	"because" text,
	"detail" jsonb,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "handovers" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"person_id" text NOT NULL,
	"digest" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"kind" text NOT NULL,
	"lane" text NOT NULL,
	"leased_until" timestamp with time zone,
	"fence" text,
	"not_before" timestamp with time zone DEFAULT now() NOT NULL,
	"recent_calls" timestamp with time zone[] DEFAULT '{}' NOT NULL,
	"posts" integer DEFAULT 0 NOT NULL,
	"posts_since" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "lanes_kind_lane_pk" PRIMARY KEY("kind","lane")
);
--> statement-breakpoint
CREATE TABLE "on_call_readings" (
	"policy_id" text PRIMARY KEY NOT NULL,
	"entries" jsonb NOT NULL,
	"read_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"request_id" text,
	"target" text DEFAULT 'channel' NOT NULL,
	"lane" text DEFAULT 'channel' NOT NULL,
	"version" integer NOT NULL,
	"run_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"leased_until" timestamp with time zone,
	"fence" text,
	"receipt" jsonb,
	"done_at" timestamp with time zone,
	"last_error" text,
	CONSTRAINT "one_delivery_per_target" UNIQUE NULLS NOT DISTINCT("kind","request_id","target")
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"pagerduty_user_id" text,
	"fallback" boolean DEFAULT false NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reads" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"tool" text NOT NULL,
	"arguments" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "request_subjects" (
	"request_id" text NOT NULL,
	"subject" text NOT NULL,
	"executing" boolean DEFAULT false NOT NULL,
	CONSTRAINT "request_subjects_request_id_subject_pk" PRIMARY KEY("request_id","subject")
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"person_id" text NOT NULL,
	"decision" "decision" NOT NULL,
	"digest" text NOT NULL,
	"reason" text,
	"surface" text NOT NULL,
	"entitlement" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "routes" (
	"request_id" text PRIMARY KEY NOT NULL,
	"step" smallint DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "slack_addresses" (
	"person_id" text PRIMARY KEY NOT NULL,
	"user_id" text,
	"looked_up_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slack_identities" (
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	"enterprise_id" text,
	"person_id" text NOT NULL,
	"linked_at" timestamp with time zone NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "slack_identities_team_id_user_id_pk" PRIMARY KEY("team_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "slack_inbox" (
	"hash" text PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"handled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "slack_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	"enterprise_id" text,
	"user_name" text NOT NULL,
	"email" text,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "agent_credentials" ADD CONSTRAINT "agent_credentials_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_owner_id_people_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_acts_for_id_people_id_fk" FOREIGN KEY ("acts_for_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_secrets" ADD CONSTRAINT "answer_secrets_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_secrets" ADD CONSTRAINT "answer_secrets_revealed_by_people_id_fk" FOREIGN KEY ("revealed_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_owner_id_people_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_acts_for_id_people_id_fk" FOREIGN KEY ("acts_for_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_linked_to_approval_requests_id_fk" FOREIGN KEY ("linked_to") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_proposed_by_people_id_fk" FOREIGN KEY ("proposed_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summonses" ADD CONSTRAINT "summonses_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summonses" ADD CONSTRAINT "summonses_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reads" ADD CONSTRAINT "reads_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "request_subjects" ADD CONSTRAINT "request_subjects_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slack_addresses" ADD CONSTRAINT "slack_addresses_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slack_identities" ADD CONSTRAINT "slack_identities_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "agents_name" ON "agents" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_request_per_ask" ON "approval_requests" USING btree ("agent_id","tool","arguments_digest",coalesce("idempotency_key", '')) WHERE proposed_by is null and status in ('pending', 'approved', 'executing', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_proposal" ON "approval_requests" USING btree ("linked_to") WHERE proposed_by is not null and status in ('pending', 'approved', 'executing', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX "idempotency_key_once" ON "approval_requests" USING btree ("agent_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "pending_by_expiry" ON "approval_requests" USING btree ("expires_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "approved_due" ON "approval_requests" USING btree ("approved_at") WHERE status = 'approved';--> statement-breakpoint
CREATE INDEX "executing_now" ON "approval_requests" USING btree ("id") WHERE status = 'executing';--> statement-breakpoint
CREATE INDEX "unknown_to_settle" ON "approval_requests" USING btree ("settle_after") WHERE status = 'unknown';--> statement-breakpoint
CREATE INDEX "requests_by_agent" ON "approval_requests" USING btree ("agent_id","created_at");--> statement-breakpoint
CREATE INDEX "pending_by_agent" ON "approval_requests" USING btree ("agent_id") WHERE status = 'pending' and proposed_by is null;--> statement-breakpoint
CREATE INDEX "requests_newest" ON "approval_requests" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "requests_linked" ON "approval_requests" USING btree ("linked_to") WHERE linked_to is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_event_per_version" ON "events" USING btree ("request_id","version");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("kind","lane","run_at") WHERE done_at is null;--> statement-breakpoint
CREATE INDEX "outbox_of_request" ON "outbox" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "outbox_by_flood" ON "outbox" USING btree ((receipt ->> 'flood')) WHERE receipt ? 'flood';--> statement-breakpoint
CREATE UNIQUE INDEX "people_email" ON "people" USING btree ("email");--> statement-breakpoint
CREATE UNIQUE INDEX "people_pagerduty_user" ON "people" USING btree ("pagerduty_user_id");--> statement-breakpoint
CREATE INDEX "reads_by_agent" ON "reads" USING btree ("agent_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "one_executing_per_subject" ON "request_subjects" USING btree ("subject") WHERE executing;--> statement-breakpoint
CREATE UNIQUE INDEX "one_review_per_person" ON "reviews" USING btree ("request_id","person_id","decision");--> statement-breakpoint
CREATE INDEX "routes_due" ON "routes" USING btree ("next_at");--> statement-breakpoint
CREATE UNIQUE INDEX "one_slack_user_per_person" ON "slack_identities" USING btree ("team_id","person_id");--> statement-breakpoint
CREATE TABLE "touched_readings" (
	"request_id" text PRIMARY KEY NOT NULL,
	"subjects" text[],
	"escalation_policy_ids" text[],
	"read_at" timestamp with time zone NOT NULL
);--> statement-breakpoint
ALTER TABLE "touched_readings" ADD CONSTRAINT "touched_readings_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;
