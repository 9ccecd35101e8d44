CREATE TABLE "touched_readings" (
	"request_id" text PRIMARY KEY NOT NULL,
	"subjects" text[],
	"escalation_policy_ids" text[],
	"read_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "touched_readings" ADD CONSTRAINT "touched_readings_request_id_approval_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."approval_requests"("id") ON DELETE no action ON UPDATE no action;