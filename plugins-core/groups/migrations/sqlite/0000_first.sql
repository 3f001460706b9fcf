CREATE TABLE `groups_group` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`parent_id` integer DEFAULT 0 NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`common_name` text DEFAULT '' NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`common_description` text DEFAULT '' NOT NULL,
	`email` text DEFAULT '' NOT NULL,
	`weight` integer DEFAULT 0 NOT NULL,
	`title` text DEFAULT '' NOT NULL,
	`chat_title` text DEFAULT '' NOT NULL,
	`logo` text DEFAULT '' NOT NULL,
	`host_url` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_group_name_key` ON `groups_group` (`name_key`);
--> statement-breakpoint
CREATE INDEX `groups_group_parent_idx` ON `groups_group` (`parent_id`);
--> statement-breakpoint
CREATE TABLE `groups_member` (
	`group_id` integer NOT NULL,
	`operator_id` integer NOT NULL,
	PRIMARY KEY(`group_id`, `operator_id`)
);
--> statement-breakpoint
CREATE INDEX `groups_member_operator_idx` ON `groups_member` (`operator_id`);
