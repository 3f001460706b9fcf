CREATE TABLE `groups_group` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`parent_id` bigint NOT NULL DEFAULT 0,
	`name` varchar(64) NOT NULL,
	`name_key` varchar(64) NOT NULL,
	`common_name` varchar(64) NOT NULL DEFAULT '',
	`description` varchar(1024) NOT NULL DEFAULT '',
	`common_description` varchar(1024) NOT NULL DEFAULT '',
	`email` varchar(254) NOT NULL DEFAULT '',
	`weight` int NOT NULL DEFAULT 0,
	`title` varchar(255) NOT NULL DEFAULT '',
	`chat_title` varchar(255) NOT NULL DEFAULT '',
	`logo` varchar(255) NOT NULL DEFAULT '',
	`host_url` varchar(255) NOT NULL DEFAULT '',
	CONSTRAINT `groups_group_id` PRIMARY KEY(`id`),
	CONSTRAINT `groups_group_name_key` UNIQUE(`name_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `groups_member` (
	`group_id` bigint NOT NULL,
	`operator_id` bigint NOT NULL,
	CONSTRAINT `groups_member_group_id_operator_id_pk` PRIMARY KEY(`group_id`,`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `groups_group_parent_idx` ON `groups_group` (`parent_id`);
--> statement-breakpoint
CREATE INDEX `groups_member_operator_idx` ON `groups_member` (`operator_id`);
