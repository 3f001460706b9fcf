CREATE TABLE `rpc_callback` (
	`token` varchar(32) NOT NULL,
	`processor` varchar(64) NOT NULL,
	`function_name` varchar(100) NOT NULL,
	`arguments` longtext NOT NULL,
	`remaining` int NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `rpc_callback_token_pk` PRIMARY KEY(`token`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `rpc_waiting` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`addressee` varchar(100) NOT NULL,
	`request` longtext NOT NULL,
	`created_at` bigint NOT NULL,
	CONSTRAINT `rpc_waiting_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `rpc_callback_expires_idx` ON `rpc_callback` (`expires_at`);
--> statement-breakpoint
CREATE INDEX `rpc_waiting_addressee_idx` ON `rpc_waiting` (`addressee`,`id`);
--> statement-breakpoint
CREATE INDEX `rpc_waiting_created_idx` ON `rpc_waiting` (`created_at`);
