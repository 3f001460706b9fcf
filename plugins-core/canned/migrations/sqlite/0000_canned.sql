CREATE TABLE `canned_message` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`locale` text NOT NULL,
	`group_id` integer NOT NULL,
	`title` text NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `canned_message_use_idx` ON `canned_message` (`locale`,`group_id`,`title`);
--> statement-breakpoint
CREATE TABLE `canned_seeded` (
	`locale` text PRIMARY KEY NOT NULL,
	`seeded_at` integer NOT NULL
);
