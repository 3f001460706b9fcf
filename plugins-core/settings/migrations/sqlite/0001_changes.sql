CREATE TABLE `settings_change` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`area` text NOT NULL,
	`key` text NOT NULL,
	`before` text,
	`after` text,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `settings_change_key_idx` ON `settings_change` (`key`,`id`);
--> statement-breakpoint
CREATE INDEX `settings_change_by_idx` ON `settings_change` (`by`,`id`);
--> statement-breakpoint
CREATE INDEX `settings_change_at_idx` ON `settings_change` (`at`);
