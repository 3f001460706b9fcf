CREATE TABLE `leave_message_answer` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`thread_id` bigint NOT NULL,
	`sender_key` varchar(64) NOT NULL,
	`operator_id` bigint NOT NULL,
	`operator_name` varchar(64) NOT NULL,
	`body` longtext NOT NULL,
	`created_at` bigint NOT NULL,
	`mail_id` bigint,
	`failed` boolean NOT NULL DEFAULT false,
	CONSTRAINT `leave_message_answer_id` PRIMARY KEY(`id`),
	CONSTRAINT `leave_message_answer_once_key` UNIQUE(`thread_id`,`sender_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `leave_message_left` (
	`thread_id` bigint NOT NULL,
	`visitor_id` bigint NOT NULL,
	`sender_key` varchar(64),
	`digest` varchar(64) NOT NULL,
	`name` varchar(64) NOT NULL,
	`email` varchar(254) NOT NULL,
	`info` varchar(1024) NOT NULL,
	`state` varchar(32) NOT NULL DEFAULT 'open',
	`created_at` bigint NOT NULL,
	`changed_by` bigint NOT NULL DEFAULT 0,
	`changed_name` varchar(64) NOT NULL DEFAULT '',
	`changed_at` bigint NOT NULL DEFAULT 0,
	`mail_id` bigint,
	CONSTRAINT `leave_message_left_thread_id_pk` PRIMARY KEY(`thread_id`),
	CONSTRAINT `leave_message_left_once_key` UNIQUE(`visitor_id`,`sender_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `leave_message_answer_mail_idx` ON `leave_message_answer` (`mail_id`,`created_at`);
--> statement-breakpoint
CREATE INDEX `leave_message_left_state_idx` ON `leave_message_left` (`state`,`thread_id`);
--> statement-breakpoint
CREATE INDEX `leave_message_left_mail_idx` ON `leave_message_left` (`mail_id`,`created_at`);
