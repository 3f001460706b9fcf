CREATE TABLE `operators_guard` (
	`name` varchar(32) NOT NULL,
	`turns` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `operators_guard_name_pk` PRIMARY KEY(`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `operators_operator` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`login` varchar(64) NOT NULL,
	`login_key` varchar(64) NOT NULL,
	`name` varchar(64) NOT NULL,
	`common_name` varchar(64) NOT NULL,
	`email` varchar(254) NOT NULL,
	`email_key` varchar(254) NOT NULL,
	`password_hash` varchar(255) NOT NULL,
	`permissions` longtext NOT NULL,
	`disabled` boolean NOT NULL DEFAULT false,
	`away` boolean NOT NULL DEFAULT false,
	`code` varchar(64) NOT NULL DEFAULT '',
	`avatar` varchar(255) NOT NULL DEFAULT '',
	`created_at` bigint NOT NULL,
	CONSTRAINT `operators_operator_id` PRIMARY KEY(`id`),
	CONSTRAINT `operators_operator_login_key` UNIQUE(`login_key`),
	CONSTRAINT `operators_operator_email_key` UNIQUE(`email_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `operators_session` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`operator_id` bigint NOT NULL,
	`secret_hash` varchar(64) NOT NULL,
	`remember` boolean NOT NULL,
	`created_at` bigint NOT NULL,
	`last_seen_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	`address` varchar(64) NOT NULL,
	`user_agent` varchar(255) NOT NULL,
	CONSTRAINT `operators_session_id` PRIMARY KEY(`id`),
	CONSTRAINT `operators_session_secret_key` UNIQUE(`secret_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `operators_session_operator_idx` ON `operators_session` (`operator_id`);
--> statement-breakpoint
CREATE INDEX `operators_session_expires_idx` ON `operators_session` (`expires_at`);
