/** What the picker offers: what people say in chats, none younger than 2018, so that every system can draw them. */

const split = (text: string) => text.split(' ');

export const groups = {
  faces: split(
    '😀 😃 😄 😁 😆 😅 😂 🤣 😊 😇 🙂 🙃 😉 😌 😍 🥰 😘 😋 😛 😜 🤪 🤓 😎 🥳 😏 😒 😞 😔 😟 😕 🙁 😣 😖 😫 😩 🥺 😢 😭 😤 😠 😡 🤯 😳 😱 😨 😰 😥 🤗 🤔 🤭 🤫 😶 😐 😬 🙄 😯 😴 🤤 😷 🤒 🤕 🤧 🤠 😈',
  ),
  hands: split('👍 👎 👌 ✌️ 🤞 🤙 👈 👉 👆 👇 ☝️ ✋ 👋 👏 🙌 🙏 🤝 💪 ✍️ 👀 🧠 🤷 🤦 🙋 💁 🙇 👩‍💻 👨‍💻 🧑 👪 🚶 🏃'),
  signs: split('❤️ 🧡 💛 💚 💙 💜 🖤 💔 💯 ✅ ❌ ❗ ❓ ⚠️ ⭐ ✨ ⚡ 🔥 🎉 🎁 🏆 💡 🔔 🔒 🔑 🔗 ➕ ➖ ♻️ 🆗 🆕 🔝'),
  things: split('📞 📱 💻 🖥️ 🖨️ 📷 🎧 📧 📦 📄 📎 ✏️ 📌 📅 ⏰ ⌛ 💳 💰 🛒 🛠️ 🔧 ⚙️ 🏠 🏢 🚗 🚚 ✈️ 🚲 🌍 🌞 🌧️ ❄️'),
  nature: split('🐶 🐱 🐭 🦊 🐻 🐼 🐷 🐸 🐵 🐔 🐧 🦄 🐝 🦋 🌱 🌲 🌸 🌹 🍀 🍎 🍋 🍓 🍕 🍔 🍟 🍰 🍪 ☕ 🍵 🍺 🍷 🥂'),
} as const;
