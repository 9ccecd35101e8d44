CREATE TABLE "asks" (
	"request_id" text NOT NULL,
	"person_id" text NOT NULL,
	"level" smallint NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"nudged_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"handed_to" text,
	CONSTRAINT "asks_request_id_person_id_pk" PRIMARY KEY("request_id","person_id")
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
	"paced_to" timestamp with time zone DEFAULT now() NOT NULL,
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
CREATE TABLE "routes" (
	"request_id" text PRIMARY KEY NOT NULL,
	"step" smallint DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone
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
DROP INDEX "one_delivery_per_kind";--> statement-breakpoint
DROP INDEX "outbox_due";--> statement-breakpoint
ALTER TABLE "outbox" ALTER COLUMN "request_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "target" text DEFAULT 'channel' NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "lane" text DEFAULT 'channel' NOT NULL;--> statement-breakpoint
ALTER TABLE "asks" ADD CONSTRAINT "asks_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "asks" ADD CONSTRAINT "asks_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slack_addresses" ADD CONSTRAINT "slack_addresses_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slack_identities" ADD CONSTRAINT "slack_identities_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "routes_due" ON "routes" USING btree ("next_at");--> statement-breakpoint
CREATE UNIQUE INDEX "one_slack_user_per_person" ON "slack_identities" USING btree ("team_id","person_id");--> statement-breakpoint
CREATE INDEX "outbox_of_request" ON "outbox" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "outbox_by_flood" ON "outbox" USING btree ((receipt ->> 'flood')) WHERE receipt ? 'flood';--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("kind","lane","run_at") WHERE done_at is null;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "one_delivery_per_target" UNIQUE NULLS NOT DISTINCT("kind","request_id","target");--> statement-breakpoint
INSERT INTO "lanes" ("kind", "lane") VALUES ('slack', 'channel');
