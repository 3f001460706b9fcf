CREATE TABLE `tracking_event` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`visitor_id` bigint NOT NULL,
	`name` varchar(64) NOT NULL,
	`data` longtext NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `tracking_event_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `tracking_page` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`visitor_id` bigint NOT NULL,
	`address` varchar(1024) NOT NULL,
	`title` varchar(255) NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `tracking_page_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `tracking_visitor` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`secret_hash` varchar(43) NOT NULL,
	`user_id` varchar(32) NOT NULL,
	`name` varchar(64) NOT NULL DEFAULT '',
	`entry` varchar(1024) NOT NULL DEFAULT '',
	`user_agent` varchar(255) NOT NULL DEFAULT '',
	`remote` varchar(255) NOT NULL DEFAULT '',
	`country` varchar(2) NOT NULL DEFAULT '',
	`city` varchar(128) NOT NULL DEFAULT '',
	`locale` varchar(16) NOT NULL DEFAULT '',
	`first_time` bigint NOT NULL,
	`last_time` bigint NOT NULL,
	`visits` int NOT NULL DEFAULT 0,
	`invitations` int NOT NULL DEFAULT 0,
	`chats` int NOT NULL DEFAULT 0,
	`thread_id` bigint NOT NULL DEFAULT 0,
	`visitor_id` bigint NOT NULL DEFAULT 0,
	`invited` int NOT NULL DEFAULT 0,
	`attributes` longtext NOT NULL,
	`identity_id` varchar(255) NOT NULL DEFAULT '',
	`verified` boolean NOT NULL DEFAULT false,
	CONSTRAINT `tracking_visitor_id` PRIMARY KEY(`id`),
	CONSTRAINT `tracking_visitor_secret_key` UNIQUE(`secret_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `tracking_event_visitor_idx` ON `tracking_event` (`visitor_id`,`at`,`id`);
--> statement-breakpoint
CREATE INDEX `tracking_event_old_idx` ON `tracking_event` (`at`);
--> statement-breakpoint
CREATE INDEX `tracking_page_path_idx` ON `tracking_page` (`visitor_id`,`at`,`id`);
--> statement-breakpoint
CREATE INDEX `tracking_page_old_idx` ON `tracking_page` (`at`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_thread_idx` ON `tracking_visitor` (`thread_id`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_visitor_idx` ON `tracking_visitor` (`visitor_id`);
--> statement-breakpoint
CREATE INDEX `tracking_visitor_seen_idx` ON `tracking_visitor` (`last_time`);
