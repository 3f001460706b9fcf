CREATE TABLE `chat_message` (
	`thread_id` integer NOT NULL,
	`seq` integer NOT NULL,
	`kind` integer NOT NULL,
	`agent_id` integer NOT NULL,
	`name` text,
	`body` text NOT NULL,
	`plugin` text NOT NULL,
	`data` text,
	`created_at` integer NOT NULL,
	`sender` text,
	`sender_key` text,
	`body_hash` text,
	PRIMARY KEY(`thread_id`, `seq`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `chat_message_once_key` ON `chat_message` (`thread_id`,`sender`,`sender_key`);
--> statement-breakpoint
CREATE TABLE `chat_revision` (
	`id` integer PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `chat_thread` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`token` integer NOT NULL,
	`visitor_id` integer NOT NULL,
	`user_id` text NOT NULL,
	`user_name` text NOT NULL,
	`agent_id` integer NOT NULL,
	`agent_name` text NOT NULL,
	`next_agent` integer NOT NULL,
	`group_id` integer NOT NULL,
	`state` integer NOT NULL,
	`invitation_state` integer NOT NULL,
	`remote` text NOT NULL,
	`user_agent` text NOT NULL,
	`referrer` text NOT NULL,
	`locale` text NOT NULL,
	`created_at` integer NOT NULL,
	`modified_at` integer NOT NULL,
	`chat_started_at` integer NOT NULL,
	`closed_at` integer NOT NULL,
	`last_seq` integer NOT NULL,
	`last_visible_seq` integer NOT NULL,
	`message_count` integer NOT NULL,
	`shown_message` text,
	`visitor_gone` integer NOT NULL,
	`revision` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `chat_thread_revision_idx` ON `chat_thread` (`revision`);
--> statement-breakpoint
CREATE INDEX `chat_thread_state_idx` ON `chat_thread` (`state`,`id`);
--> statement-breakpoint
CREATE INDEX `chat_thread_remote_idx` ON `chat_thread` (`remote`,`state`);
--> statement-breakpoint
CREATE INDEX `chat_thread_visitor_idx` ON `chat_thread` (`visitor_id`);
--> statement-breakpoint
CREATE TABLE `chat_visitor` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`name` text NOT NULL,
	`thread_id` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `chat_visitor_user_key` ON `chat_visitor` (`user_id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `chat_visitor_secret_key` ON `chat_visitor` (`secret_hash`);
