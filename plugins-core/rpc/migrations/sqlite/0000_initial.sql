CREATE TABLE `rpc_callback` (
	`token` text PRIMARY KEY NOT NULL,
	`processor` text NOT NULL,
	`function_name` text NOT NULL,
	`arguments` text NOT NULL,
	`remaining` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rpc_callback_expires_idx` ON `rpc_callback` (`expires_at`);
--> statement-breakpoint
CREATE TABLE `rpc_waiting` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`addressee` text NOT NULL,
	`request` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rpc_waiting_addressee_idx` ON `rpc_waiting` (`addressee`,`id`);
--> statement-breakpoint
CREATE INDEX `rpc_waiting_created_idx` ON `rpc_waiting` (`created_at`);
