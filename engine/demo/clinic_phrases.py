"""How the notes of the clinic say what they say; lines marked `*` are kept for the test half."""

PHRASES = """
@ opening
en  Patient aged {age}.
en  {age}-year-old patient, seen today.
en  Seen in clinic, {age} years old.
en  New visit, age {age}.
en  Walk-in patient, {age} years.
en* Referred patient of {age} years.
en* Evening clinic, aged {age}.
en* Visit of a {age}-year-old.
zh  患者{age}岁。
zh  {age}岁患者就诊。
zh  门诊病人，{age}岁。
zh  今日来诊，{age}岁。
zh  初诊，年龄{age}岁。
zh* 转诊患者，{age}岁。
zh* 夜间门诊，{age}岁。
zh* 来诊者{age}岁。

@ onset sudden
en  It started suddenly {hours} hours ago.
en  Sudden onset this morning.
en  It began suddenly, within minutes.
en  Came on suddenly on the stairs.
en  A sudden start, {hours} hours ago.
en  Suddenly ill since this morning.
en* Sudden start within minutes.
en* Suddenly, {hours} hours ago.
en* It came on suddenly this morning.
zh  {hours}小时前突然发病。
zh  今晨突然开始。
zh  几分钟内突然出现。
zh  爬楼时突然发作。
zh  突然发病，仅{hours}小时。
zh  突然起病。
zh* 今晨突然发病。
zh* {hours}小时前突然出现。
zh* 突然起病，几分钟内出现。

@ onset days
en  Ill for {days} days.
en  Symptoms for {days} days now.
en  It has been building for {days} days.
en  Started about {days} days ago.
en  Getting worse over {days} days.
en  Unwell for some days.
en* Unwell for {days} days now.
en* Over {days} days it got worse.
en* Symptoms started {days} days ago.
zh  病了{days}天。
zh  症状已{days}天。
zh  {days}天来加重。
zh  大约{days}天前开始。
zh  不舒服好几天了。
zh  起病{days}天。
zh* 不舒服已{days}天。
zh* {days}天来不舒服，加重。
zh* 大约{days}天前起病。

@ onset years
en  The same trouble for {years} years.
en  Long-standing, for years.
en  It has come and gone for {years} years.
en  Known complaint for many years.
en  Slowly worse over {years} years.
en  Going on for years.
en* Trouble for many years now.
en* Slowly worse for years.
en* Known for {years} years, comes and goes.
zh  同样的问题已有{years}年。
zh  多年的老毛病。
zh  {years}年来反复出现。
zh  多年来慢慢加重。
zh  病史{years}年。
zh  多年如此。
zh* 老毛病，已有{years}年。
zh* 多年反复出现。
zh* {years}年来慢慢加重。

@ fever none
en  No fever.
en  No fever, normal temperature.
en  No fever at home.
en  No fever, {normal} degrees.
en  Temperature is normal.
en  No fever at all.
en* There is no fever.
en* No fever, temperature is normal.
en* At home no fever, {normal} degrees.
zh  没有发烧。
zh  没有发烧，体温正常。
zh  在家没有发烧。
zh  没有发烧，{normal}度。
zh  体温正常。
zh  一直没有发烧。
zh* 体温正常，没有发烧。
zh* 没有发烧，体温{normal}度。
zh* 并没有发烧。

@ fever slight
en  Slight fever of {slight}.
en  A slight fever at night.
en  Only a slight fever.
en  Slight fever, {slight} degrees.
en  Has a slight fever.
en  Slight fever since yesterday.
en* Only a slight fever at night.
en* A slight fever of {slight} degrees.
en* Since yesterday a slight fever.
zh  低烧{slight}度。
zh  有点低烧。
zh  夜里低烧。
zh  只是低烧。
zh  轻微低烧。
zh  昨天起低烧。
zh* 夜里有点低烧。
zh* 轻微低烧，{slight}度。
zh* 昨天起轻微低烧。

@ fever high
en  High fever of {high}.
en  High fever with chills.
en  High fever, {high} degrees.
en  A very high fever.
en  High fever every evening.
en  High fever and shaking chills.
en* Shaking chills and a high fever.
en* A very high fever of {high} degrees.
en* Every evening a high fever.
zh  高烧{high}度。
zh  高烧，寒战。
zh  高烧，浑身发抖。
zh  每晚高烧。
zh  持续高烧。
zh  高烧到{high}度。
zh* 高烧寒战，{high}度。
zh* 每晚高烧，浑身发抖。
zh* 持续高烧到{high}度。

@ past smoker
en  Smoker, {packs} cigarettes a day.
en  Heavy smoker for decades.
en  Smoker, never stopped.
en  Smoker since youth.
en  Heavy smoker, a pack a day.
en  A smoker of many cigarettes.
en* A smoker of {packs} cigarettes a day.
en* Smoker for decades, never stopped.
en* Heavy smoker since youth.
zh  每天吸烟{packs}支。
zh  老烟民，长期吸烟。
zh  吸烟{years}年。
zh  年轻时就吸烟。
zh  长期大量吸烟。
zh  每天吸烟一包。
zh* 吸烟{years}年，每天一包。
zh* 长期吸烟的老烟民。
zh* 年轻时起每天吸烟。

@ past allergy
en  Allergic to pollen and dust.
en  Allergic to cats.
en  Allergic to pollen every spring.
en  Allergic since childhood.
en  Allergic to cats and dust.
en  Very allergic to pollen.
en* Allergic to dust since childhood.
en* Very allergic to cats and pollen.
en* Every spring allergic to pollen.
zh  对花粉和灰尘过敏。
zh  对猫过敏。
zh  每年春天花粉过敏。
zh  从小过敏。
zh  过敏体质。
zh  碰到灰尘就过敏。
zh* 从小对灰尘过敏。
zh* 过敏体质，对花粉过敏。
zh* 对猫和灰尘过敏。

@ past heart
en  Heart attack {years} years ago.
en  Known weak heart.
en  Takes pills for the heart.
en  Heart disease, high blood pressure.
en  Had a heart operation.
en  Heart disease, takes pills.
en* Weak heart, takes heart pills.
en* Known heart disease, had an operation.
en* High blood pressure and a weak heart.
zh  {years}年前心脏病发作。
zh  心脏不好。
zh  长期服心脏药。
zh  有心脏病和高血压。
zh  做过心脏手术。
zh  有心脏病，长期服药。
zh* 有心脏病，服心脏药。
zh* 心脏不好，做过心脏手术。
zh* 有高血压，长期服心脏药。

@ complaint pain
en  Stabbing chest pain.
en  Sharp chest pain when breathing in.
en  Chest pain on one side.
en  Chest pain with each breath.
en  Complains of sharp chest pain.
en  Stabbing chest pain on one side.
en* Sharp, stabbing chest pain.
en* Chest pain on one side with each breath.
en* Complains of stabbing chest pain.
zh  胸痛，像针刺。
zh  吸气时胸痛。
zh  一侧胸痛。
zh  一呼吸就胸痛。
zh  诉剧烈胸痛。
zh  针刺样胸痛。
zh* 一侧针刺样胸痛。
zh* 诉吸气时胸痛。
zh* 呼吸时剧烈胸痛。

@ complaint ankles
en  Swollen ankles by evening.
en  Both legs are swollen.
en  Swollen ankles, tight shoes.
en  Swollen feet and legs.
en  Swollen legs, needs three pillows.
en  Swollen legs, gained weight.
en* Feet and ankles are swollen.
en* By evening both legs are swollen.
en* Swollen feet, gained weight.
zh  傍晚脚踝浮肿。
zh  双腿浮肿。
zh  脚浮肿，鞋变紧。
zh  下肢浮肿。
zh  腿浮肿，要垫三个枕头。
zh  腿浮肿，体重增加。
zh* 双脚浮肿。
zh* 傍晚腿浮肿，鞋变紧。
zh* 双下肢浮肿。

@ complaint nose
en  Runny nose and sneezing.
en  Blocked nose, sore throat.
en  Sneezing, runny nose all day.
en  Sore throat and runny nose.
en  The nose is runny and blocked.
en  Blocked nose and sneezing.
en* Blocked, runny nose.
en* All day sneezing and a runny nose.
en* Sore throat and a blocked nose.
zh  流鼻涕、打喷嚏。
zh  鼻塞、咽痛。
zh  整天流鼻涕。
zh  咽痛、流鼻涕。
zh  鼻塞，流鼻涕。
zh  打喷嚏，鼻塞。
zh* 鼻塞、整天流鼻涕。
zh* 整天打喷嚏、鼻塞。
zh* 咽痛，鼻塞，打喷嚏。

@ complaint phlegm
en  Brings up yellow phlegm.
en  Lots of green phlegm.
en  Coughs up thick phlegm.
en  Yellow phlegm all day.
en  Thick green phlegm.
en  Phlegm every morning.
en* Coughs up green phlegm.
en* Thick yellow phlegm every morning.
en* Brings up lots of phlegm.
zh  咳黄痰。
zh  绿痰很多。
zh  咳出浓痰。
zh  整天有黄痰。
zh  痰多而黏。
zh  每天早晨咳痰。
zh* 咳绿痰，痰多。
zh* 早晨咳出黄痰。
zh* 浓痰，整天咳。

@ complaint tight
en  Tight chest at night.
en  Wakes at night with a tight chest.
en  Tight chest after running.
en  Tight chest in cold air.
en  Attacks of a tight chest at night.
en  Tight chest, an inhaler helps.
en* At night attacks of a tight chest.
en* Tight chest after running in cold air.
en* Wakes with a tight chest, an inhaler helps.
zh  夜里胸闷。
zh  夜间憋醒，胸闷。
zh  跑步后胸闷。
zh  冷空气里胸闷。
zh  夜里阵阵胸闷。
zh  胸闷，喷药后缓解。
zh* 跑步后胸闷，喷药缓解。
zh* 夜间阵阵胸闷。
zh* 冷空气里胸闷憋醒。

@ complaint breathless
en  Short of breath on the stairs.
en  Short of breath when walking.
en  Short of breath, cannot get enough air.
en  Quickly short of breath.
en  Short of breath on effort.
en  Short of breath even at rest.
en* Short of breath when walking, even at rest.
en* Quickly short of breath on the stairs.
en* Cannot get enough air, short of breath.
zh  上楼气短。
zh  走路气短。
zh  气短，气不够用。
zh  很快就气短。
zh  活动后气短。
zh  休息时也气短。
zh* 走路上楼都气短。
zh* 活动后很快气短。
zh* 休息时也气短，气不够用。

@ aside
en  Works in an office.
en  Lives on the third floor.
en  Sleeps badly lately.
en  Appetite is fair.
en  Came with a relative.
en  The husband has a heavy cold.
en  The father was a smoker.
en  A neighbour had pneumonia.
en  Drinks tea, no alcohol.
en* A sister has asthma.
en* Works night shifts.
en* Came by bus, appetite fair.
zh  在办公室上班。
zh  住三楼。
zh  近来睡眠差。
zh  食欲尚可。
zh  家属陪同。
zh  爱人重感冒。
zh  父亲吸烟。
zh  邻居得过肺炎。
zh  不饮酒。
zh* 姐姐有哮喘。
zh* 上夜班。
zh* 坐公交来，食欲尚可。
"""
