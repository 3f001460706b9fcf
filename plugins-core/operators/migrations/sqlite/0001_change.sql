CREATE TABLE `operators_recovery` (
	`operator_id` integer PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `operators_operator` ADD `last_seen_at` integer DEFAULT 0 NOT NULL;
