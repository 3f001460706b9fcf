CREATE TABLE `invitation_invitation` (
	`thread_id` integer PRIMARY KEY NOT NULL,
	`tracked_id` integer NOT NULL,
	`visitor_id` integer NOT NULL,
	`agent_id` integer NOT NULL,
	`rule_id` integer NOT NULL,
	`page` text NOT NULL,
	`seed` text NOT NULL,
	`state` integer NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_waiting_idx` ON `invitation_invitation` (`ended_at`,`created_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_tracked_idx` ON `invitation_invitation` (`tracked_id`,`created_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_visitor_idx` ON `invitation_invitation` (`visitor_id`,`ended_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_age_idx` ON `invitation_invitation` (`created_at`);
--> statement-breakpoint
CREATE TABLE `invitation_outcome` (
	`day` integer NOT NULL,
	`rule_id` integer NOT NULL,
	`page_key` text NOT NULL,
	`page` text NOT NULL,
	`invited` integer NOT NULL,
	`accepted` integer NOT NULL,
	`rejected` integer NOT NULL,
	`ignored` integer NOT NULL,
	PRIMARY KEY(`day`, `rule_id`, `page_key`)
);
--> statement-breakpoint
CREATE TABLE `invitation_rule` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`enabled` integer NOT NULL,
	`page` text NOT NULL,
	`seconds_on_page` integer NOT NULL,
	`seconds_on_site` integer NOT NULL,
	`pages_seen` integer NOT NULL,
	`visitor` text NOT NULL,
	`attribute` text NOT NULL,
	`value` text NOT NULL,
	`operators` integer NOT NULL,
	`group_id` integer NOT NULL,
	`hours` integer NOT NULL,
	`greeting` text NOT NULL,
	`weight` integer NOT NULL
);
