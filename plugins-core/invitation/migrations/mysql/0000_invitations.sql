CREATE TABLE `invitation_invitation` (
	`thread_id` bigint NOT NULL,
	`tracked_id` bigint NOT NULL,
	`visitor_id` bigint NOT NULL,
	`agent_id` bigint NOT NULL,
	`rule_id` bigint NOT NULL,
	`page` varchar(1024) NOT NULL,
	`seed` varchar(32) NOT NULL,
	`state` int NOT NULL,
	`created_at` bigint NOT NULL,
	`ended_at` bigint NOT NULL,
	CONSTRAINT `invitation_invitation_thread_id_pk` PRIMARY KEY(`thread_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `invitation_outcome` (
	`day` bigint NOT NULL,
	`rule_id` bigint NOT NULL,
	`page_key` varchar(22) NOT NULL,
	`page` varchar(1024) NOT NULL,
	`invited` int NOT NULL,
	`accepted` int NOT NULL,
	`rejected` int NOT NULL,
	`ignored` int NOT NULL,
	CONSTRAINT `invitation_outcome_day_rule_id_page_key_pk` PRIMARY KEY(`day`,`rule_id`,`page_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `invitation_rule` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`name` varchar(100) NOT NULL,
	`enabled` boolean NOT NULL,
	`page` varchar(255) NOT NULL,
	`seconds_on_page` int NOT NULL,
	`seconds_on_site` int NOT NULL,
	`pages_seen` int NOT NULL,
	`visitor` varchar(32) NOT NULL,
	`attribute` varchar(64) NOT NULL,
	`value` varchar(255) NOT NULL,
	`operators` int NOT NULL,
	`group_id` bigint NOT NULL,
	`hours` int NOT NULL,
	`greeting` varchar(1024) NOT NULL,
	`weight` int NOT NULL,
	CONSTRAINT `invitation_rule_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `invitation_invitation_waiting_idx` ON `invitation_invitation` (`ended_at`,`created_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_tracked_idx` ON `invitation_invitation` (`tracked_id`,`created_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_visitor_idx` ON `invitation_invitation` (`visitor_id`,`ended_at`);
--> statement-breakpoint
CREATE INDEX `invitation_invitation_age_idx` ON `invitation_invitation` (`created_at`);
