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
DROP INDEX "one_open_request_per_ask";--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "toolsets" text[];--> statement-breakpoint
ALTER TABLE "approval_requests" ADD COLUMN "proposed_by" text;--> statement-breakpoint
ALTER TABLE "answer_secrets" ADD CONSTRAINT "answer_secrets_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_secrets" ADD CONSTRAINT "answer_secrets_revealed_by_people_id_fk" FOREIGN KEY ("revealed_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_linked_to_approval_requests_id_fk" FOREIGN KEY ("linked_to") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "approval_requests_proposed_by_people_id_fk" FOREIGN KEY ("proposed_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_proposal" ON "approval_requests" USING btree ("linked_to") WHERE proposed_by is not null and status in ('pending', 'approved', 'executing', 'unknown');--> statement-breakpoint
CREATE INDEX "requests_linked" ON "approval_requests" USING btree ("linked_to") WHERE linked_to is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_request_per_ask" ON "approval_requests" USING btree ("agent_id","tool","arguments_digest",coalesce("idempotency_key", '')) WHERE proposed_by is null and status in ('pending', 'approved', 'executing', 'unknown');--> statement-breakpoint
ALTER TABLE "approval_requests" ADD CONSTRAINT "a_proposal_undoes_something" CHECK (proposed_by is null or linked_to is not null);