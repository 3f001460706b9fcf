ALTER TABLE `leave_message_answer` ADD `settled` boolean DEFAULT false NOT NULL;
--> statement-breakpoint
CREATE INDEX `leave_message_answer_open_idx` ON `leave_message_answer` (`settled`,`id`);
