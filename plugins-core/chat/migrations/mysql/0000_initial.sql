CREATE TABLE `chat_message` (
	`thread_id` bigint NOT NULL,
	`seq` int NOT NULL,
	`kind` int NOT NULL,
	`agent_id` bigint NOT NULL,
	`name` varchar(64),
	`body` longtext NOT NULL,
	`plugin` varchar(256) NOT NULL,
	`data` longtext,
	`created_at` bigint NOT NULL,
	`sender` varchar(32),
	`sender_key` varchar(43),
	`body_hash` varchar(43),
	CONSTRAINT `chat_message_thread_id_seq_pk` PRIMARY KEY(`thread_id`,`seq`),
	CONSTRAINT `chat_message_once_key` UNIQUE(`thread_id`,`sender`,`sender_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `chat_revision` (
	`id` int NOT NULL,
	`value` bigint NOT NULL,
	CONSTRAINT `chat_revision_id_pk` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `chat_thread` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`token` int NOT NULL,
	`visitor_id` bigint NOT NULL,
	`user_id` varchar(32) NOT NULL,
	`user_name` varchar(64) NOT NULL,
	`agent_id` bigint NOT NULL,
	`agent_name` varchar(64) NOT NULL,
	`next_agent` bigint NOT NULL,
	`group_id` bigint NOT NULL,
	`state` int NOT NULL,
	`invitation_state` int NOT NULL,
	`remote` varchar(255) NOT NULL,
	`user_agent` varchar(255) NOT NULL,
	`referrer` longtext NOT NULL,
	`locale` varchar(16) NOT NULL,
	`created_at` bigint NOT NULL,
	`modified_at` bigint NOT NULL,
	`chat_started_at` bigint NOT NULL,
	`closed_at` bigint NOT NULL,
	`last_seq` int NOT NULL,
	`last_visible_seq` int NOT NULL,
	`message_count` int NOT NULL,
	`shown_message` longtext,
	`visitor_gone` boolean NOT NULL,
	`revision` bigint NOT NULL,
	CONSTRAINT `chat_thread_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `chat_visitor` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`user_id` varchar(32) NOT NULL,
	`secret_hash` varchar(43) NOT NULL,
	`name` varchar(64) NOT NULL,
	`thread_id` bigint NOT NULL,
	`created_at` bigint NOT NULL,
	CONSTRAINT `chat_visitor_id` PRIMARY KEY(`id`),
	CONSTRAINT `chat_visitor_user_key` UNIQUE(`user_id`),
	CONSTRAINT `chat_visitor_secret_key` UNIQUE(`secret_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `chat_thread_revision_idx` ON `chat_thread` (`revision`);
--> statement-breakpoint
CREATE INDEX `chat_thread_state_idx` ON `chat_thread` (`state`,`id`);
--> statement-breakpoint
CREATE INDEX `chat_thread_remote_idx` ON `chat_thread` (`remote`,`state`);
--> statement-breakpoint
CREATE INDEX `chat_thread_visitor_idx` ON `chat_thread` (`visitor_id`);
