CREATE TABLE `tracking_event` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`visitor_id` integer NOT NULL,
	`name` text NOT NULL,
	`data` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tracking_event_visitor_idx` ON `tracking_event` (`visitor_id`,`at`,`id`);
--> statement-breakpoint
CREATE INDEX `tracking_event_old_idx` ON `tracking_event` (`at`);
--> statement-breakpoint
CREATE TABLE `tracking_page` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`visitor_id` integer NOT NULL,
	`address` text NOT NULL,
	`title` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tracking_page_path_idx` ON `tracking_page` (`visitor_id`,`at`,`id`);
--> statement-breakpoint
CREATE INDEX `tracking_page_old_idx` ON `tracking_page` (`at`);
--> statement-breakpoint
CREATE TABLE `tracking_visitor` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`secret_hash` text NOT NULL,
	`user_id` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`entry` text DEFAULT '' NOT NULL,
	`user_agent` text DEFAULT '' NOT NULL,
	`remote` text DEFAULT '' NOT NULL,
	`country` text DEFAULT '' NOT NULL,
	`city` text DEFAULT '' NOT NULL,
	`locale` text DEFAULT '' NOT NULL,
	`first_time` integer NOT NULL,
	`last_time` integer NOT NULL,
	`visits` integer DEFAULT 0 NOT NULL,
	`invitations` integer DEFAULT 0 NOT NULL,
	`chats` integer DEFAULT 0 NOT NULL,
	`thread_id` integer DEFAULT 0 NOT NULL,
	`visitor_id` integer DEFAULT 0 NOT NULL,
	`invited` integer DEFAULT 0 NOT NULL,
	`attributes` text NOT NULL,
	`identity_id` text DEFAULT '' NOT NULL,
	`verified` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tracking_visitor_secret_key` ON `tracking_visitor` (`secret_hash`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_thread_idx` ON `tracking_visitor` (`thread_id`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_visitor_idx` ON `tracking_visitor` (`visitor_id`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_seen_idx` ON `tracking_visitor` (`last_time`);
