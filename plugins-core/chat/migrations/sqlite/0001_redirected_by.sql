ALTER TABLE `chat_thread` ADD `redirected_by` integer DEFAULT 0 NOT NULL;
