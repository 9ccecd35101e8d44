ALTER TABLE "lanes" ADD COLUMN "recent_calls" timestamp with time zone[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "lanes" DROP COLUMN "paced_to";
