"""How people write to the support desk; lines marked `*` are kept for the test half."""

PHRASES = """
@ opening
en  Hello!
en  Hi there.
en  Good morning.
en  Dear team.
en  Ticket {amount}{number}:
en* Dear support.
en* Good evening.
en* Hello team, ticket {amount}:
zh  你好。
zh  您好。
zh  客服您好。
zh  早上好。
zh  工单{amount}{number}：
zh* 客服，你好。
zh* 晚上好。
zh* 您好，工单{amount}：

@ topic signin
en  I cannot sign in to my account.
en  My password is not accepted.
en  Login fails every time.
en  The account will not let me in.
en  It rejects my user name and password.
en  Signing in does not work.
en* My account rejects the password.
en* I cannot log in, sign in fails.
en* Sign in does not accept my user name.
zh  我登录不了账户。
zh  密码不被接受。
zh  每次登录都失败。
zh  账户进不去。
zh  提示用户名密码错误。
zh  登录没有反应。
zh* 账户登录失败。
zh* 登录不了，密码错误。
zh* 用户名和密码不被接受。

@ topic charge
en  {amount} euros were charged to my card.
en  There is a charge I do not know.
en  The bill is higher than usual.
en  I was billed twice this month.
en  My card was charged {amount} euros.
en  A payment of {amount} euros was taken.
en* The bill shows a charge of {amount} euros.
en* I was charged twice on my card.
en* A higher payment than usual was taken.
zh  我的卡被扣了{amount}元。
zh  有一笔不明扣款。
zh  账单比平时高。
zh  这个月扣了两次费。
zh  账单上多了{amount}元。
zh  付款被扣{amount}元。
zh* 卡上有一笔{amount}元扣款。
zh* 账单扣了两次费。
zh* 这个月账单比平时多。

@ topic broken
en  The program stops working.
en  The app closes by itself.
en  Nothing works, only errors.
en  The program freezes.
en  The app does not respond.
en  It breaks off with an error.
en* The app freezes with an error.
en* The program closes by itself.
en* The program does not respond, errors only.
zh  程序不能用了。
zh  应用自己退出。
zh  什么都不行，只报错。
zh  程序卡死。
zh  应用没有响应。
zh  一用就报错中断。
zh* 应用卡死，报错。
zh* 程序自己退出。
zh* 程序没有响应，不能用。

@ topic leaving
en  I am leaving your service.
en  I found another provider.
en  I do not need the plan any more.
en  The contract is no longer useful to me.
en  I am moving to another company.
en  We no longer use your service.
en* I no longer need your service.
en* We found another company.
en* The plan is not useful any more, I am leaving.
zh  我不想再用你们的服务。
zh  我找到别的公司了。
zh  套餐我不需要了。
zh  合同对我没用了。
zh  我要换一家公司。
zh  我们不再使用你们的服务。
zh* 我不再需要你们的套餐。
zh* 我们换别的公司了。
zh* 你们的服务对我没用了。

@ history first
en  This is my first message.
en  I never asked before.
en  First time I contact you.
en  I am new here.
en  It never happened before.
en  Writing for the first time.
en* My first contact, I am new.
en* I never wrote before.
en* The first time this happened.
zh  第一次联系你们。
zh  以前没问过。
zh  我是新用户。
zh  以前从没发生过。
zh  这是第一次来信。
zh  头一回遇到。
zh* 新用户，第一次来信。
zh* 以前从没联系过。
zh* 第一次遇到，以前没有。

@ history again
en  I wrote about it once before.
en  It happened again.
en  The same thing as last time.
en  You solved it once, it is back.
en  Second time now.
en  Again the same issue.
en* It is back again, as last time.
en* The second time I write about it.
en* The same issue happened again.
zh  之前写过一次。
zh  又发生了。
zh  和上次一样。
zh  解决过一次，又回来了。
zh  这是第二次了。
zh  又是同样的问题。
zh* 又和上次一样。
zh* 又写了，这是第二次。
zh* 同样的问题又发生了。

@ history many
en  I have written {number} times without any answer.
en  Nobody ever answers me.
en  My {number} tickets were ignored.
en  I called {number} times for nothing.
en  You keep ignoring me.
en  Countless mails, no answer.
en* My mails were ignored {number} times.
en* I called and called, nobody answers.
en* {number} tickets without any answer.
zh  写了{number}次都没人回。
zh  从来没人理我。
zh  {number}个工单都没回复。
zh  打了{number}次电话没用。
zh  你们一直不理我。
zh  无数邮件，没有回复。
zh* 打了{number}次电话没人理。
zh* 工单写了{number}次，没有回复。
zh* 邮件一直没人回。

@ wish howto
en  How do I do this?
en  Please explain the steps.
en  What should I do?
en  Can you tell me how it works?
en  Please send me a guide.
en  Where do I find the instructions?
en* Please tell me the steps.
en* How does it work, is there a guide?
en* Can you explain what I should do?
zh  请问怎么操作？
zh  请说明步骤。
zh  我该怎么办？
zh  能告诉我怎么做吗？
zh  请发我一份指南。
zh  说明在哪里找？
zh* 请告诉我怎么操作。
zh* 我该怎么做，请发我指南。
zh* 请问我该怎么办？

@ wish money
en  I want my money back.
en  Please refund me.
en  Return the amount to my card.
en  Pay me back {amount} euros.
en  I ask for a full refund.
en  Give me the money back.
en* Please pay the money back.
en* I want a refund to my card.
en* Return the full amount, {amount} euros.
zh  请把钱退给我。
zh  请退款。
zh  把钱退回我的卡。
zh  退我{amount}元。
zh  我要求全额退款。
zh  钱要还给我。
zh* 我要求退款，请把钱退回。
zh* 请全额退款，退回我的卡。
zh* 请退我{amount}元。

@ wish stop
en  Block everything at once.
en  Please stop it immediately.
en  End it today, please.
en  Close it down.
en  Please cancel everything.
en  Shut it off now.
en* Stop everything immediately.
en* Please close and cancel it.
en* Block it now, shut it down.
zh  请马上全部停掉。
zh  请立即停止。
zh  请今天就终止。
zh  帮我关掉。
zh  请全部取消。
zh  现在就冻结。
zh* 请立即全部停掉。
zh* 请马上取消、关掉。
zh* 现在就全部停止。

@ wish person
en  I want to talk to a person.
en  Let a real human call me.
en  Give me your supervisor.
en  No robot, a person please.
en  Connect me to a human.
en  Somebody should phone me.
en* A real person should call me.
en* Connect me to your supervisor, no robot.
en* I want a human to phone me.
zh  我要和真人说话。
zh  请让人工给我打电话。
zh  叫你们主管来。
zh  不要机器人，要人工。
zh  请转人工。
zh  请派人打给我。
zh* 请转人工，机器人不要。
zh* 请让主管给我打电话。
zh* 我要和人工说话。

@ since today
en  It began today.
en  Since this morning.
en  Only an hour ago.
en  It started this morning.
en  Just now, today.
en  Since an hour or so.
en* It started an hour ago.
en* Began this morning.
en* Only since today.
zh  今天开始的。
zh  从今天早上起。
zh  一小时前。
zh  刚刚发生。
zh  今早开始。
zh  就在今天。
zh* 从今天早上开始的。
zh* 刚刚发生，一小时前。
zh* 今早刚刚发生。

@ since update
en  Ever since the update.
en  It began with the new version.
en  After I installed the update.
en  The latest version did it.
en  Since version {number}.
en  After the upgrade.
en* Ever since I installed the new version.
en* It began after the upgrade.
en* Since the latest update.
zh  更新之后就这样。
zh  新版本开始的。
zh  装了更新以后。
zh  最新版本造成的。
zh  从{number}版本起。
zh  升级之后。
zh* 装了新版本更新以后。
zh* 升级更新之后就这样。
zh* 新版本更新造成的。

@ since travel
en  I am travelling abroad.
en  Since I left on holiday.
en  On my trip to another country.
en  I am in a hotel abroad.
en  It happened on holiday.
en  Since I arrived at the hotel.
en* On holiday in another country.
en* Since my trip abroad.
en* I am travelling, in a hotel.
zh  我在国外出差。
zh  度假以后开始。
zh  在另一个国家旅行。
zh  我住在国外酒店。
zh  度假时发生的。
zh  到酒店以后。
zh* 我在国外度假时发生的。
zh* 在国外旅行，住在酒店。
zh* 在国外出差以后开始。

@ since weeks
en  For {weeks} weeks now.
en  Waiting for {weeks} weeks.
en  It has dragged on for months.
en  Already {weeks} weeks.
en  For two months already.
en  Weeks have gone by.
en* Dragging on for {weeks} weeks already.
en* Months have gone by.
en* Waiting for weeks now.
zh  已经{weeks}周了。
zh  等了{weeks}个星期。
zh  拖了好几个月。
zh  都{weeks}周了。
zh  已经两个月。
zh  好几周过去了。
zh* 已经等了{weeks}个星期。
zh* 已经拖了好几个月。
zh* 都好几周过去了。

@ aside
en  I use a laptop.
en  My order number is {amount}{amount}.
en  I am a customer from the north.
en  My daughter set it up.
en  My brother forgot his password once.
en  A friend got a refund elsewhere.
en  Thank you for reading.
en  Kind regards.
en* I use a tablet.
en* My son had a crash last year.
en* Regards and thanks.
zh  我用笔记本。
zh  订单号{amount}{amount}。
zh  我是老用户的家属。
zh  是女儿帮我装的。
zh  我弟弟曾忘记密码。
zh  朋友在别处退过款。
zh  谢谢阅读。
zh  此致敬礼。
zh* 我用平板。
zh* 我儿子去年遇过崩溃。
zh* 谢谢，祝好。
"""
