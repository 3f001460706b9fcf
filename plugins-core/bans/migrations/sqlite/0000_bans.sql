CREATE TABLE `bans_ban` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`target` text NOT NULL,
	`comment` text NOT NULL,
	`created_at` integer NOT NULL,
	`till` integer NOT NULL,
	`created_by` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `bans_ban_target_key` ON `bans_ban` (`target`);
--> statement-breakpoint
CREATE INDEX `bans_ban_till_idx` ON `bans_ban` (`till`);
